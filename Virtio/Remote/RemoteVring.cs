using RemoteprocEmu.Platform.Memory;

namespace RemoteprocEmu.Virtio.Remote;

/// <summary>A vring entry of the resource table, as firmware reads it. Source: Linux include/linux/remoteproc.h, struct
/// fw_rsc_vdev_vring.</summary>
/// <param name="Address">Where the ring begins; <see cref="DeviceAddress.Any"/> while the host has not published it.</param>
/// <param name="AlignBytes">Alignment of the used ring.</param>
/// <param name="QueueSize">Descriptors.</param>
/// <param name="NotifyId">What the doorbell carries.</param>
public readonly record struct RemoteVring(DeviceAddress Address, uint AlignBytes, uint QueueSize, int NotifyId)
{
    /// <summary>Where in the ring to begin: 0, unless the driver goes on with a ring that was in use.</summary>
    public ushort Position { get; init; }
}
