using RemoteprocEmu.Virtio.Remote;

namespace RemoteprocEmu.Cores.Scripted;

/// <summary>What passed over one vdev, seen from the remote, since its core was made, over all runs.</summary>
/// <param name="Received">Messages, name service messages included, frames, or buffers of bytes received.</param>
/// <param name="Sent">Messages, announcements included, frames, or buffers of bytes sent.</param>
/// <param name="Kicks">Times that it rang the host.</param>
/// <param name="Resets">Device resets by the driver that the firmware noticed.</param>
public readonly record struct VdevCounters(long Received, long Sent, long Kicks, long Resets)
{
    /// <summary>Field by field.</summary>
    public static VdevCounters operator +(VdevCounters left, VdevCounters right) => new(
        left.Received + right.Received, left.Sent + right.Sent, left.Kicks + right.Kicks, left.Resets + right.Resets);

    internal static VdevCounters Of(IRemoteDevice half) => new(
        half.ReceivedCount, half.SentCount, half.KickCount, half.LinkCount - (half.IsLinked ? 1 : 0));
}
