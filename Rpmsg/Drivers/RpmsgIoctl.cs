namespace RemoteprocEmu.Rpmsg.Drivers;

/// <summary>The commands of /dev/rpmsg_ctrl* and /dev/rpmsg*. Source: Linux include/uapi/linux/rpmsg.h.</summary>
public static class RpmsgIoctl
{
    /// <summary>RPMSG_CREATE_EPT_IOCTL, on a control node, with an <see cref="RpmsgEndpointInfo"/>: makes a /dev/rpmsg*.</summary>
    public const uint CreateEndpoint = 0x4028_B501;

    /// <summary>RPMSG_DESTROY_EPT_IOCTL, on /dev/rpmsg*: takes it away.</summary>
    public const uint DestroyEndpoint = 0x0000_B502;

    /// <summary>RPMSG_CREATE_DEV_IOCTL, on a control node, with an <see cref="RpmsgEndpointInfo"/>: makes a channel.</summary>
    public const uint CreateChannel = 0x4028_B503;

    /// <summary>RPMSG_RELEASE_DEV_IOCTL, on a control node, with an <see cref="RpmsgEndpointInfo"/>: takes a channel away.</summary>
    public const uint ReleaseChannel = 0x4028_B504;

    /// <summary>RPMSG_GET_OUTGOING_FLOWCONTROL (v6.6), on /dev/rpmsg*: stores an int, 1 when the remote wants no more.</summary>
    public const uint GetOutgoingFlowControl = 0x8004_B505;

    /// <summary>RPMSG_SET_INCOMING_FLOWCONTROL (v6.6), on /dev/rpmsg*: with 1 the remote is to stop, with 0 to go on.</summary>
    public const uint SetIncomingFlowControl = 0x8004_B506;
}
