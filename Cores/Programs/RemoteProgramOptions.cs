namespace RemoteprocEmu.Cores.Programs;

/// <summary>What a program may be told when it is chosen by name. Each takes what concerns it.</summary>
public sealed record RemoteProgramOptions
{
    /// <summary>Messages of <c>ping</c> on each vdev, operations of <c>ns-storm</c>.</summary>
    public int Messages { get; init; } = 1000;

    /// <summary>Answers of <c>crash-after</c> before it crashes.</summary>
    public long CrashAfter { get; init; } = 100;

    /// <summary>Whether <c>crash-after</c> is sound after its first crash.</summary>
    public bool CrashOnce { get; init; } = true;

    /// <summary>What <c>ns-storm</c> draws from.</summary>
    public ulong Seed { get; init; } = 1;

    /// <summary>What <c>hostile</c> does.</summary>
    public Misdeed Misdeed { get; init; } = Misdeed.UsedIdOutOfRange;

    /// <summary>The vdev that <c>hostile</c> does it on.</summary>
    public int HostileVdev { get; init; }
}
