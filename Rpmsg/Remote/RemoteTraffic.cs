namespace RemoteprocEmu.Rpmsg.Remote;

/// <summary>What has passed over a vdev since its driver came, as the remote has it: for whoever checks that nothing was lost.</summary>
/// <param name="Sent">Messages sent.</param>
/// <param name="Received">Messages received.</param>
/// <param name="Waiting">Messages that lie in the ring and were not taken.</param>
/// <param name="WantsKick">Whether it found the ring empty and asked to be kicked, so that nothing may wait now.</param>
public readonly record struct RemoteTraffic(long Sent, long Received, int Waiting, bool WantsKick);
