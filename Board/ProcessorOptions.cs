using System;
using System.Collections.Generic;
using RemoteprocEmu.Cores.Scripted;
using RemoteprocEmu.Platform.Memory;
using RemoteprocEmu.Platform.RemoteCores;
using RemoteprocEmu.Platform.Tasks;
using RemoteprocEmu.Remoteproc.Platforms;
using RemoteprocEmu.Remoteproc.Subdevices;

namespace RemoteprocEmu.Board;

/// <summary>One remote processor of a machine: its image, what runs on it, and how the board wired it.</summary>
public sealed record ProcessorOptions
{
    /// <summary>The processor's own name: sysfs <c>name</c>.</summary>
    public string Name { get; init; } = "mcu";

    /// <summary>The image, an ELF file. Empty: the file is missing until <c>Kernel.Firmware.Provide</c>.</summary>
    public required ReadOnlyMemory<byte> Image { get; init; }

    /// <summary>The image's file name; null for <c>rproc-NAME-fw</c>.</summary>
    public string? FirmwareName { get; init; }

    /// <summary>
    /// Firmware written in C#, which runs in the image's place: the image still says what memory and which vdevs there are.
    /// </summary>
    public RemoteProgram? Program { get; init; }

    /// <summary>Makes what runs behind the doorbell, where that is not a <see cref="Program"/>; one of the two is given.</summary>
    public Func<Scheduler, IRemoteCore>? Core { get; init; }

    /// <summary>Whether adding the processor boots it.</summary>
    public bool AutoBoot { get; init; } = true;

    /// <summary>Whether it has an IOMMU; null: when its table has a devmem entry, which needs one.</summary>
    public bool? HasIommu { get; init; }

    /// <summary>The driver: module, driver and compatible. Processors of one driver share its module.</summary>
    public string Driver { get; init; } = "emu_rproc";

    /// <summary>Whether it can be kicked.</summary>
    public bool CanKick { get; init; } = true;

    /// <summary>Whether sysfs takes no writes.</summary>
    public bool SysfsReadOnly { get; init; }

    /// <summary>Whether an image without a resource table may boot.</summary>
    public bool ToleratesMissingTable { get; init; }

    /// <summary>Whether it runs already when its driver comes; its segments and its table are then in memory from the beginning.</summary>
    public bool StartsDetached { get; init; }

    /// <summary>
    /// Where a processor that <see cref="StartsDetached"/> has its table, in one of <see cref="SharedMemories"/>; null: as its image says.
    /// </summary>
    public (DeviceAddress Address, int LengthBytes)? LiveTable { get; init; }

    /// <summary>
    /// Memory that others have, too: on the bus at the address at which the processor sees it. Not the machine's to give back.
    /// </summary>
    public IReadOnlyList<(DeviceAddress Address, SharedMemory Memory)> SharedMemories { get; init; } = [];

    /// <summary>Whether it can be detached from.</summary>
    public bool CanDetach { get; init; } = true;

    /// <summary>After a crash it restarts itself and is attached to again.</summary>
    public bool AttachOnRecovery { get; init; }

    /// <summary>Subdevices of the platform itself: they start before the vdevs and stop after them.</summary>
    public IReadOnlyList<Subdevice> Subdevices { get; init; } = [];

    /// <summary>Further reserved memory of the board for it.</summary>
    public IReadOnlyList<ReservedMemory> ReservedMemory { get; init; } = [];
}
