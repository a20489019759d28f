using RemoteprocEmu.Platform.Faults;
using RemoteprocEmu.Platform.Tasks;
using RemoteprocEmu.Platform.Trace;
using RemoteprocEmu.Remoteproc.Eras;

namespace RemoteprocEmu.Board;

/// <summary>How a machine is made: which time it runs on, which kernel it follows, how much memory it has.</summary>
public sealed record MachineOptions
{
    /// <summary>Virtual time (default): one thread, repeatable. False: real threads and real time.</summary>
    public bool IsVirtual { get; init; } = true;

    /// <summary>Decides on virtual time; null for "go on as before".</summary>
    public IChoices? Choices { get; init; }

    /// <summary>The ordering to follow; null for <see cref="Era.Emu"/>.</summary>
    public Era? Era { get; init; }

    /// <summary>What goes wrong; null for nothing.</summary>
    public IFaultPlan? Faults { get; init; }

    /// <summary>Whether the kernel log keeps its lines. A run among thousands that nobody will read goes without.</summary>
    public bool KeepsLog { get; init; } = true;

    /// <summary>Sees every event; null for none.</summary>
    public ITraceSink? Trace { get; init; }

    /// <summary>Memory for carveouts, vrings and message buffers, bytes.</summary>
    public long DmaBytes { get; init; } = 16 << 20;

    /// <summary>The module parameter <c>count</c> of rpmsg_client_sample: messages that it exchanges on each channel.</summary>
    public int ClientSampleCount { get; init; } = 100;
}
