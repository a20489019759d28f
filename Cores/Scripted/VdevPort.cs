using RemoteprocEmu.Virtio.Remote;

namespace RemoteprocEmu.Cores.Scripted;

/// <summary>A vdev that a program has opened, and what of its doings was noted already.</summary>
internal sealed class VdevPort(RemoteTableVdev vdev, IRemoteDevice half)
{
    private bool _wasLinked;
    private long _linksSeen;
    private bool _faultSeen;

    public RemoteTableVdev Vdev { get; } = vdev;

    public IRemoteDevice Half { get; } = half;

    /// <summary>The status byte when it was last watched.</summary>
    public byte StatusSeen { get; set; }

    /// <summary>Writes down what has changed: once each, so the trace buffer tells a story.</summary>
    public void Note(RemoteTraceBuffer trace)
    {
        if (Half.IsLinked != _wasLinked || Half.LinkCount != _linksSeen)
        {
            if (_wasLinked) trace.WriteLine($"vdev {Vdev.Index}: reset by the host");
            if (Half.IsLinked) trace.WriteLine($"vdev {Vdev.Index}: online");
            _wasLinked = Half.IsLinked;
            _linksSeen = Half.LinkCount;
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
        fault = Half.SendFault.Kind != RemoteFaultKind.None ? Half.SendFault : Half.ReceiveFault;
        return fault.Kind != RemoteFaultKind.None;
    }
}
