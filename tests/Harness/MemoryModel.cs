namespace RemoteprocEmu.Harness;

/// <summary>What two processors may do with the order of their accesses.</summary>
public enum MemoryModel
{
    /// <summary>Total store order: a store may be late, after loads that follow it. All else stays in order.</summary>
    X86,

    /// <summary>Stores may also pass stores, and loads may pass loads, unless a release, an acquire or a full fence forbids it.</summary>
    Arm,
}
