using System;
using System.Threading.Tasks;
using RemoteprocEmu.Firmware.Elf;
using RemoteprocEmu.Platform;
using RemoteprocEmu.Platform.Memory;

namespace RemoteprocEmu.Remoteproc.Lifecycle;

/// <summary>What a platform driver does for the core: null where the driver has no such operation, as in the kernel's struct.</summary>
/// <remarks>Source: include/linux/remoteproc.h, struct rproc_ops. The ELF operations are the core's own here.</remarks>
public sealed record RprocOps
{
    /// <summary>Called before the image is parsed. Kernel: prepare.</summary>
    public Func<Rproc, ValueTask<Errno>>? Prepare { get; init; }

    /// <summary>Called last on the way down. Kernel: unprepare.</summary>
    public Func<Rproc, ValueTask>? Unprepare { get; init; }

    /// <summary>Lets the processor out of reset at <see cref="Rproc.BootAddress"/>. Kernel: start.</summary>
    public Func<Rproc, ValueTask<Errno>>? Start { get; init; }

    /// <summary>Switches it off; nothing it does is seen afterwards. Kernel: stop.</summary>
    public Func<Rproc, ValueTask<Errno>>? Stop { get; init; }

    /// <summary>Adopts a processor that runs. Kernel: attach.</summary>
    public Func<Rproc, ValueTask<Errno>>? Attach { get; init; }

    /// <summary>Lets an adopted processor go. Kernel: detach.</summary>
    public Func<Rproc, ValueTask<Errno>>? Detach { get; init; }

    /// <summary>Rings the processor for a vring's notifyid. Kernel: kick.</summary>
    public Action<Rproc, int>? Kick { get; init; }

    /// <summary>
    /// Finds the host's view of device memory that the platform itself knows; null where it knows none. Kernel: da_to_va.
    /// </summary>
    public Func<Rproc, DeviceAddress, ulong, Memory<byte>?>? DaToVa { get; init; }

    /// <summary>Called after the table was cached: the driver adds dump segments, registers carveouts. Kernel: part of parse_fw.</summary>
    public Func<Rproc, ElfImage, Errno>? AfterParse { get; init; }

    /// <summary>
    /// Whether an image without a resource table may boot. Kernel: a parse_fw that tolerates -EINVAL, as several drivers have.
    /// </summary>
    public bool ToleratesMissingTable { get; init; }

    /// <summary>
    /// Handles a vendor entry (types 128 to 512): the table, the type, and the payload's offset in it. Kernel: handle_rsc.
    /// </summary>
    public Func<Rproc, int, int, RscHandled>? HandleResource { get; init; }

    /// <summary>
    /// Finds the table of a processor that runs: Ok with an empty memory means that there is none. Kernel: get_loaded_rsc_table.
    /// </summary>
    public Func<Rproc, (Errno Errno, Memory<byte> Table)>? GetLoadedTable { get; init; }

    /// <summary>Told that the host panics; returns how long to wait, ms. Kernel: panic.</summary>
    public Func<Rproc, int>? Panic { get; init; }
}

/// <summary>
/// What a platform driver made of a vendor entry. Source: include/linux/remoteproc.h, enum rsc_handling_status, and errors.
/// </summary>
/// <param name="Errno">Not Ok: the boot stops with it.</param>
/// <param name="IsIgnored">RSC_IGNORED: warned about and skipped.</param>
public readonly record struct RscHandled(Errno Errno, bool IsIgnored);
