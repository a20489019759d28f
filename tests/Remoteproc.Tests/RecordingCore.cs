using System.Collections.Generic;
using System.Threading.Tasks;
using RemoteprocEmu.Platform;
using RemoteprocEmu.Platform.RemoteCores;

namespace RemoteprocEmu.Remoteproc.Tests;

/// <summary>A processor that does nothing but write down what it was told, and what it would have read at its first instruction.</summary>
internal sealed class RecordingCore : IRemoteCore
{
    public List<string> Calls { get; } = [];

    public List<int> Kicks { get; } = [];

    public List<List<VdevView>> Boots { get; } = [];

    public CoreStart? Last { get; private set; }

    public Errno StartErrno { get; set; }

    public Errno StopErrno { get; set; }

    public ValueTask<Errno> StartAsync(CoreStart start)
    {
        Calls.Add("start");
        if (StartErrno != Errno.Ok) return new(StartErrno);
        Last = start;
        Boots.Add(FirstInstruction.Read(start));
        return new(Errno.Ok);
    }

    public ValueTask<Errno> StopAsync()
    {
        Calls.Add("stop");
        return new(StopErrno);
    }

    public ValueTask<Errno> AttachAsync(CoreStart start)
    {
        Calls.Add("attach");
        Last = start;
        return new(Errno.Ok);
    }

    public ValueTask<Errno> DetachAsync()
    {
        Calls.Add("detach");
        return new(Errno.Ok);
    }

    public void Kick(int notifyId) => Kicks.Add(notifyId);
}
