using RemoteprocEmu.Platform.Memory;

namespace RemoteprocEmu.Remoteproc;

/// <summary>What a platform driver says of its processor when it allocates it.</summary>
public sealed record RprocConfig
{
    /// <summary>Where coherent memory comes from: carveouts, vrings, message buffers.</summary>
    public required MemoryBank DmaBank { get; init; }

    /// <summary>Memory as the processor reaches it.</summary>
    public required RemoteMemory RemoteMemory { get; init; }

    /// <summary>The image's file name; null for <c>rproc-NAME-fw</c>.</summary>
    public string? FirmwareName { get; init; }

    /// <summary>Whether adding the processor boots it. Default true, as rproc_alloc.</summary>
    public bool AutoBoot { get; init; } = true;

    /// <summary>Whether something else has started it already: it begins detached.</summary>
    public bool StartsDetached { get; init; }

    /// <summary>RPROC_FEAT_ATTACH_ON_RECOVERY: after a crash the processor restarts itself, and is attached to again.</summary>
    public bool AttachOnRecovery { get; init; }

    /// <summary>Whether sysfs takes no writes (wkup_m3).</summary>
    public bool SysfsReadOnly { get; init; }
}
