namespace RemoteprocEmu.Rpmsg.Wire;

/// <summary>The numbers that both sides of an rpmsg vdev take for granted.</summary>
/// <remarks>Source: Linux drivers/rpmsg/virtio_rpmsg_bus.c, MAX_RPMSG_NUM_BUFS, MAX_RPMSG_BUF_SIZE; include/linux/mod_devicetable.h,
/// RPMSG_NAME_SIZE.</remarks>
public static class RpmsgLimits
{
    /// <summary>Size of a message buffer, header included, bytes.</summary>
    public const int BufferBytes = 512;

    /// <summary>Message buffers of one vdev, both directions together.</summary>
    public const int BufferCountMax = 512;

    /// <summary>The longest payload of a buffer of <see cref="BufferBytes"/>: 496.</summary>
    public const int PayloadBytesMax = BufferBytes - RpmsgHeader.SizeBytes;

    /// <summary>A service name on the wire, with at least one NUL at its end, bytes.</summary>
    public const int NameBytes = 32;

    /// <summary>How long a sender waits for a buffer, ns: 15 s.</summary>
    public const long SendTimeoutNs = 15_000_000_000;
}
