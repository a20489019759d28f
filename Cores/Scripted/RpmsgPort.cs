using RemoteprocEmu.Rpmsg.Remote;
using RemoteprocEmu.Virtio.Remote;

namespace RemoteprocEmu.Cores.Scripted;

/// <summary>An rpmsg vdev that a program has opened, and what of its doings was noted already.</summary>
internal sealed class RpmsgPort(RemoteTableVdev vdev, RemoteRpmsg rpmsg)
{
    private bool _wasLinked;
    private long _linksSeen;
    private bool _faultSeen;

    public RemoteTableVdev Vdev { get; } = vdev;

    public RemoteRpmsg Rpmsg { get; } = rpmsg;

    /// <summary>The status byte when it was last watched.</summary>
    public byte StatusSeen { get; set; }

    /// <summary>Writes down what has changed: once each, so the trace buffer tells a story.</summary>
    public void Note(RemoteTraceBuffer trace)
    {
        if (Rpmsg.IsLinked != _wasLinked || Rpmsg.LinkCount != _linksSeen)
        {
            if (_wasLinked) trace.WriteLine($"vdev {Vdev.Index}: reset by the host");
            if (Rpmsg.IsLinked) trace.WriteLine($"vdev {Vdev.Index}: online");
            _wasLinked = Rpmsg.IsLinked;
            _linksSeen = Rpmsg.LinkCount;
            _faultSeen = false;
        }

        if (_faultSeen || !TryGetFault(out RemoteQueueFault fault)) return;
        _faultSeen = true;
        trace.WriteLine($"vdev {Vdev.Index}: {fault}");
    }

    /// <summary>Why one of its rings is stopped.</summary>
    /// <returns>False when both run.</returns>
    public bool TryGetFault(out RemoteQueueFault fault)
    {
        fault = Rpmsg.SendFault.Kind != RemoteFaultKind.None ? Rpmsg.SendFault : Rpmsg.ReceiveFault;
        return fault.Kind != RemoteFaultKind.None;
    }
}
