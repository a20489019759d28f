using RemoteprocEmu.Virtio.Remote;

namespace RemoteprocEmu.Cores.Scripted;

/// <summary>A vdev entry as the firmware found it. What stands there at the first instruction is what the eras differ in.</summary>
/// <param name="Index">Position among the vdevs of the table.</param>
/// <param name="Id">Virtio device id.</param>
/// <param name="Status">The virtio status byte.</param>
/// <param name="DriverFeatures">gfeatures.</param>
/// <param name="Vring0">The ring on which the remote sends, if it is an rpmsg vdev.</param>
/// <param name="Vring1">The ring on which it receives. Any, with size 0, when the vdev has no such ring.</param>
public sealed record VdevSnapshot(int Index, uint Id, byte Status, uint DriverFeatures, RemoteVring Vring0, RemoteVring Vring1);
