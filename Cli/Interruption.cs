using System;
using System.Runtime.InteropServices;
using System.Threading;
using RemoteprocEmu.Cli.Output;

namespace RemoteprocEmu.Cli;

/// <summary>Ctrl-C, while something long goes on: the first ends it with what there is, the second is the shell's.</summary>
internal sealed class Interruption : IDisposable
{
    private readonly CancellationTokenSource _source = new();
    private readonly PosixSignalRegistration _interrupt;
    private readonly PosixSignalRegistration _terminate;
    private readonly Terminal _terminal;
    private readonly string _remark;

    /// <summary>Begins to listen.</summary>
    /// <param name="terminal">Where the first is remarked upon.</param>
    /// <param name="remark">What it is ended with.</param>
    public Interruption(Terminal terminal, string remark = "ending with what there is; once more to leave at once")
    {
        _terminal = terminal;
        _remark = remark;
        _interrupt = PosixSignalRegistration.Create(PosixSignal.SIGINT, OnSignal);
        _terminate = PosixSignalRegistration.Create(PosixSignal.SIGTERM, OnSignal);
    }

    /// <summary>Cancelled by the first.</summary>
    public CancellationToken Token => _source.Token;

    /// <summary>Whether it came.</summary>
    public bool HasCome => _source.IsCancellationRequested;

    /// <inheritdoc/>
    public void Dispose()
    {
        _interrupt.Dispose();
        _terminate.Dispose();
        _source.Dispose();
    }

    private void OnSignal(PosixSignalContext context)
    {
        bool isFirst = !_source.IsCancellationRequested;
        context.Cancel = isFirst;
        if (!isFirst) return;
        _terminal.Complain($"interrupted: {_remark}");
        _source.Cancel();
    }
}
