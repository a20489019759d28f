using System.Collections.Generic;
using RemoteprocEmu.Platform.Memory;
using RemoteprocEmu.Platform.RemoteCores;
using RemoteprocEmu.Remoteproc.Subdevices;

namespace RemoteprocEmu.Remoteproc.Platforms;

/// <summary>What the board tells the driver of a processor: its core, its memory, its doorbells' lines.</summary>
public sealed record RemoteCorePlatform
{
    /// <summary>What runs there.</summary>
    public required IRemoteCore Core { get; init; }

    /// <summary>The processor's own name.</summary>
    public required string Name { get; init; }

    /// <summary>Where coherent memory comes from.</summary>
    public required MemoryBank DmaBank { get; init; }

    /// <summary>Memory as the processor reaches it; the platform's windows are what the driver's da_to_va knows.</summary>
    public required RemoteMemory Memory { get; init; }

    /// <summary>The image's file name; null for the core's default.</summary>
    public string? FirmwareName { get; init; }

    /// <summary>Whether adding the processor boots it.</summary>
    public bool AutoBoot { get; init; } = true;

    /// <summary>Whether the processor runs already when the driver comes: it is to be attached to, not booted.</summary>
    public bool StartsDetached { get; init; }

    /// <summary>Whether it can be detached from.</summary>
    public bool CanDetach { get; init; } = true;

    /// <summary>After a crash it restarts itself and is attached to again.</summary>
    public bool AttachOnRecovery { get; init; }

    /// <summary>Whether sysfs takes no writes.</summary>
    public bool SysfsReadOnly { get; init; }

    /// <summary>Whether it can be kicked; a processor that cannot has no vdevs.</summary>
    public bool CanKick { get; init; } = true;

    /// <summary>Whether an image without a resource table may boot.</summary>
    public bool ToleratesMissingTable { get; init; }

    /// <summary>Where a processor that runs already has its table; null when it has none. For attaching.</summary>
    public (DeviceAddress Address, int LengthBytes)? LiveTable { get; init; }

    /// <summary>Subdevices of the platform itself: they start before the vdevs and stop after them.</summary>
    public IReadOnlyList<Subdevice> Subdevices { get; init; } = [];

    /// <summary>Reserved memory that the driver registers as carveouts at each boot.</summary>
    public IReadOnlyList<ReservedMemory> ReservedMemory { get; init; } = [];
}
