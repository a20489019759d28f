namespace RemoteprocEmu.Virtio.Net;

/// <summary>What a network interface has counted. Kernel: struct rtnl_link_stats64, in /sys/class/net/ethN/statistics.</summary>
/// <param name="RxPackets">Frames handed to who listens.</param>
/// <param name="RxBytes">Bytes of those, without the header of virtio.</param>
/// <param name="RxLengthErrors">Frames dropped because the device's used length cannot be: too short, too long, or parts missing.</param>
/// <param name="RxFrameErrors">Frames dropped because their header asks for what was not agreed.</param>
/// <param name="TxPackets">Frames that the device has taken.</param>
/// <param name="TxBytes">Bytes of those, without the header of virtio.</param>
/// <param name="TxDropped">Frames that found no link, or that the ring did not take.</param>
public readonly record struct NetCounters(
    long RxPackets, long RxBytes, long RxLengthErrors, long RxFrameErrors, long TxPackets, long TxBytes, long TxDropped);
