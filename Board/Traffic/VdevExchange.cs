using RemoteprocEmu.Rpmsg.Bus;

namespace RemoteprocEmu.Board.Traffic;

/// <summary>The exchange over one rpmsg vdev: its messages, and the channel that carries them now.</summary>
/// <param name="vdevIndex">The vdev's place in the table.</param>
/// <param name="stream">Its messages.</param>
public sealed class VdevExchange(int vdevIndex, MessageStream stream)
{
    private long _beganNs;

    /// <summary>The vdev's place in the table.</summary>
    public int VdevIndex { get; } = vdevIndex;

    /// <summary>Its messages.</summary>
    public MessageStream Stream { get; } = stream;

    /// <summary>The channel that carries them; null while there is none.</summary>
    public RpmsgDevice? Channel { get; private set; }

    /// <summary>How long messages were under way, over all channels, ns.</summary>
    public long ActiveNs { get; private set; }

    /// <summary>A channel is there.</summary>
    public void Begin(RpmsgDevice channel)
    {
        Channel = channel;
        Stream.BeginChannel();
        _beganNs = channel.Kernel.Scheduler.NowNs;
    }

    /// <summary>A message came back at this time.</summary>
    public void NoteProgress(long nowNs)
    {
        ActiveNs += nowNs - _beganNs;
        _beganNs = nowNs;
    }

    /// <summary>The channel goes.</summary>
    public void End() => Channel = null;
}
