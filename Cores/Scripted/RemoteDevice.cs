using RemoteprocEmu.Virtio.Remote;

namespace RemoteprocEmu.Cores.Scripted;

/// <summary>A virtio device of a core that no resource table tells of: its transport is another, vhost-user for instance.</summary>
/// <param name="Id">Virtio device id: 7 rpmsg.</param>
/// <param name="Features">What it offers.</param>
/// <param name="Vdev">The device, as its own half sees it.</param>
public sealed record RemoteDevice(uint Id, ulong Features, IRemoteVdev Vdev);
