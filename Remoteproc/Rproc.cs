using System;
using System.Collections.Generic;
using System.Threading.Tasks;
using RemoteprocEmu.DriverModel.Devices;
using RemoteprocEmu.DriverModel.Log;
using RemoteprocEmu.DriverModel.Modules;
using RemoteprocEmu.Firmware.CoreDump;
using RemoteprocEmu.Firmware.Elf;
using RemoteprocEmu.Firmware.ResourceTable;
using RemoteprocEmu.Platform;
using RemoteprocEmu.Platform.Memory;
using RemoteprocEmu.Platform.Tasks;
using RemoteprocEmu.Platform.Trace;
using RemoteprocEmu.Remoteproc.Eras;
using RemoteprocEmu.Remoteproc.Lifecycle;
using RemoteprocEmu.Remoteproc.Recovery;
using RemoteprocEmu.Remoteproc.Resources;
using RemoteprocEmu.Remoteproc.Subdevices;
using RemoteprocEmu.Remoteproc.Vdevs;
using RemoteprocEmu.Virtio.Device;

namespace RemoteprocEmu.Remoteproc;

/// <summary>A remote processor: its state, what it owns, and what can be asked of it.</summary>
/// <remarks>
/// <code>
///            BootAsync                     crash                    recovery
/// offline ---------------> running ------------------> crashed ------------------> offline -> running
///    ^                        |                            |
///    +---- ShutdownAsync -----+----------------------------+
///
/// detached -- BootAsync --> attached -- DetachAsync --> detached
/// </code>
/// Users are counted in <see cref="Power"/>: the first boots, the last shuts down. Everything but a crash report is called from tasks.
/// Source: include/linux/remoteproc.h, struct rproc; remoteproc_core.c, rproc_alloc.
/// </remarks>
public sealed class Rproc : Device
{
    private static readonly NameSeries s_names = new("remoteproc", "");
    private static readonly NameSeries s_firmwares = new("rproc-", "-fw");
    private static readonly NameSeries s_states = new("", " state");
    private static readonly NameSeries s_tables = new("", " table_ptr");
    private static readonly NameSeries s_locks = new("", " lock");
    private static readonly NameSeries s_firmwareLoads = new("", " firmware_loading_complete");
    private static readonly NameSeries s_crashes = new("", " crash_comp");

    private readonly List<TraceBuffer> _traces = [];
    private readonly List<CoreDumpSegment> _dumpSegments = [];
    private readonly List<RprocVdev> _vdevs = [];
    private readonly SharedState _shared; // state, power and deletion, for who looks without the lock

    internal Rproc(RemoteprocModule module, Device parent, string name, RprocOps ops, RprocConfig config, int index)
        : base(parent.Kernel, s_names[index], parent, className: "remoteproc")
    {
        Module = module;
        _shared = SharedState.Of(Kernel.Scheduler, s_states[Name]);
        Owner = parent.Driver?.Owner;
        RprocName = name;
        Ops = ops;
        Config = config;
        Index = index;
        FirmwareName = config.FirmwareName ?? s_firmwares[name];
        AutoBoot = config.AutoBoot;
        State = config.StartsDetached ? RprocState.Detached : RprocState.Offline;
        Table = new ResourceTableCopies(SharedState.Of(Kernel.Scheduler, s_tables[Name]));
        PowerLock = new Mutex(Kernel.Scheduler, s_locks[Name]);
        FirmwareLoaded = new Completion(Kernel.Scheduler, s_firmwareLoads[Name]);
        CrashComplete = new Completion(Kernel.Scheduler, s_crashes[Name]);
        Carveouts = new CarveoutList(this);
        Mappings = new MappingList(this);
        Subdevices = new SubdeviceList(Kernel);
        Crash = new CrashHandler(this);
        Coredump = new Coredump(this);
    }

    /// <summary>The remoteproc core it belongs to.</summary>
    public RemoteprocModule Module { get; }

    /// <summary>The module of its platform driver: what a handle holds. Null when that is built in.</summary>
    public KernelModule? Owner { get; }

    /// <summary>The kernel's ordering that it follows.</summary>
    public Era Era => Module.Era;

    /// <summary>The log.</summary>
    public KernelLog Log => Kernel.Log;

    /// <summary>Its own name: sysfs <c>name</c>.</summary>
    public string RprocName { get; }

    /// <summary>N of remoteprocN.</summary>
    public int Index { get; }

    /// <summary>What the platform driver does for the core.</summary>
    public RprocOps Ops { get; }

    /// <summary>What the platform driver said of it.</summary>
    public RprocConfig Config { get; }

    /// <summary>The image's file name: sysfs <c>firmware</c>.</summary>
    public string FirmwareName { get; internal set; }

    /// <summary>Whether adding it boots it. Kernel: ddf711872c9d (v4.9).</summary>
    public bool AutoBoot { get; }

    /// <summary>Its state.</summary>
    public RprocState State
    {
        get
        {
            _shared.Read();
            return field;
        }
        private set
        {
            _shared.Write();
            field = value;
        }
    }

    /// <summary>Its users. Changed under the lock only.</summary>
    public int Power
    {
        get
        {
            _shared.Read();
            return field;
        }
        internal set
        {
            _shared.Write();
            Kernel.Scheduler.Trace.Emit(TraceKind.Power, Name, (ulong)value, value > field ? 1u : 0u);
            field = value;
        }
    }

    /// <summary>Whether it is being deleted: whoever boots it now gets ENODEV.</summary>
    public bool IsDeleting
    {
        get
        {
            _shared.Read();
            return field;
        }
        internal set
        {
            _shared.Write();
            field = value;
        }
    }

    /// <summary>Whether a crash is left alone: sysfs <c>recovery</c>.</summary>
    public bool RecoveryDisabled { get; set; }

    /// <summary>Crashes so far.</summary>
    public int CrashCount { get; internal set; }

    /// <summary>The entry point that the processor is started at.</summary>
    public ulong BootAddress { get; internal set; }

    /// <summary>The class of the image; null before one was parsed. Kernel: elf_class.</summary>
    public ElfClass? ElfClass { get; internal set; }

    /// <summary>The machine of the image. Kernel: elf_machine.</summary>
    public ushort ElfMachine { get; internal set; }

    /// <summary>Where the running image has its table; Any when there is none.</summary>
    public DeviceAddress TableAddress { get; internal set; } = DeviceAddress.Any;

    /// <summary>The copies of the resource table.</summary>
    public ResourceTableCopies Table { get; }

    /// <summary>Memory that it shares with the host.</summary>
    public CarveoutList Carveouts { get; }

    /// <summary>What is mapped in its IOMMU.</summary>
    public MappingList Mappings { get; }

    /// <summary>What comes up and goes down with it.</summary>
    public SubdeviceList Subdevices { get; }

    /// <summary>Its vdevs, in table order.</summary>
    public IReadOnlyList<RprocVdev> Vdevs => _vdevs;

    /// <summary>Its trace buffers, in table order.</summary>
    public IReadOnlyList<TraceBuffer> Traces => _traces;

    /// <summary>What a core dump holds.</summary>
    public IReadOnlyList<CoreDumpSegment> DumpSegments => _dumpSegments;

    /// <summary>Ids by which vrings are told apart when they ring; for all vdevs together.</summary>
    public NotifyIds NotifyIds { get; } = new();

    /// <summary>Crash reports and their handling.</summary>
    public CrashHandler Crash { get; }

    /// <summary>Core dumps.</summary>
    public Coredump Coredump { get; }

    /// <summary>Where its coherent memory comes from.</summary>
    public MemoryBank DmaBank => Config.DmaBank;

    /// <summary>Memory as the processor reaches it.</summary>
    public RemoteMemory RemoteMemory => Config.RemoteMemory;

    /// <summary>Its IOMMU domain while one is enabled; null otherwise.</summary>
    public AddressMap? Iommu => Config.RemoteMemory.Iommu;

    /// <summary>Held over each change of power. Kernel: rproc->lock.</summary>
    internal Mutex PowerLock { get; }

    /// <summary>The image that registration asked for has come, or will not. Kernel: firmware_loading_complete, up to v4.9.</summary>
    internal Completion FirmwareLoaded { get; }

    /// <summary>The last user of a crashed processor has let go. Kernel: crash_comp, up to v4.9.</summary>
    internal Completion CrashComplete { get; }

    /// <summary>The table as the image had it when the processor was added. Kernel: table_csum, up to v4.8.</summary>
    internal ReadOnlyMemory<byte> RegisteredTable { get; set; }

    /// <summary>Index of the next vdev of the table. Kernel: nb_vdev.</summary>
    internal int VdevCount { get; set; }

    /// <summary>Makes it known and, with <see cref="AutoBoot"/>, has it booted by and by. Kernel: rproc_add.</summary>
    /// <returns>Ok, also when the image is missing: that shows later; EINVAL when its operations do not fit its state.</returns>
    public ValueTask<Errno> AddRprocAsync() => RprocRegistration.AddAsync(this);

    /// <summary>Adds a user; the first boots it, or attaches to it. Kernel: rproc_boot.</summary>
    /// <returns>Ok when it is up (also when it had been); EINTR; ENODEV when it is being deleted; or why it did not boot.</returns>
    public ValueTask<Errno> BootAsync() => BootForUserAsync(isNowait: false);

    /// <summary>As <see cref="BootAsync"/>, from where the image's callback is. Kernel: rproc_boot_nowait.</summary>
    internal ValueTask<Errno> BootNowaitAsync() => BootForUserAsync(isNowait: true);

    private async ValueTask<Errno> BootForUserAsync(bool isNowait)
    {
        Errno errno = await RprocPower.BootAsync(this, isNowait);
        if (errno == Errno.Ok) Kernel.Scheduler.Watch?.UserCame(Name);
        return errno;
    }

    /// <summary>Drops a user; the last shuts it down. Kernel: rproc_shutdown.</summary>
    /// <returns>Ok; EINTR; EINVAL when it is not up; or why it did not stop, with the user counted again.</returns>
    public async ValueTask<Errno> ShutdownAsync()
    {
        Errno errno = await RprocPower.ShutdownAsync(this);
        if (errno == Errno.Ok) Kernel.Scheduler.Watch?.UserWent(Name);
        return errno;
    }

    /// <summary>Drops a user; the last lets the processor go on alone. Kernel: rproc_detach.</summary>
    /// <returns>Ok; EINTR; EINVAL when it is not attached, or cannot be detached.</returns>
    public async ValueTask<Errno> DetachAsync()
    {
        Errno errno = await RprocPower.DetachAsync(this);
        if (errno == Errno.Ok) Kernel.Scheduler.Watch?.UserWent(Name);
        return errno;
    }

    /// <summary>Recovers it if it has crashed. Kernel: rproc_trigger_recovery.</summary>
    public ValueTask<Errno> TriggerRecoveryAsync() => Recovery.Recovery.TriggerAsync(this);

    /// <summary>Reports that it has crashed; handled by and by. From any context. Kernel: rproc_report_crash.</summary>
    public void ReportCrash(RprocCrashType type) => Crash.Report(type);

    /// <summary>
    /// Takes it down and out of sight; drop the creator's reference with <see cref="Device.Put"/> after. Kernel: rproc_del.
    /// </summary>
    public ValueTask<Errno> DeleteRprocAsync() => RprocRegistration.DeleteAsync(this);

    /// <summary>Changes the image's file name. Kernel: rproc_set_firmware.</summary>
    /// <returns>Ok; EINVAL when interrupted or for an empty name; EBUSY unless offline.</returns>
    public async ValueTask<Errno> SetFirmwareAsync(string name)
    {
        ArgumentNullException.ThrowIfNull(name);
        if (await PowerLock.LockInterruptibleAsync() != Errno.Ok) return Errno.EINVAL;
        int end = name.IndexOf('\n', StringComparison.Ordinal);
        string trimmed = end < 0 ? name : name[..end];
        Errno errno = State != RprocState.Offline ? Errno.EBUSY : trimmed.Length == 0 ? Errno.EINVAL : Errno.Ok;
        if (errno == Errno.EBUSY) Log.Error(this, $"can't change firmware while {State.Word()}");
        if (errno == Errno.EINVAL) Log.Error(this, "can't provide empty string for firmware name");
        if (errno == Errno.Ok) FirmwareName = trimmed;
        PowerLock.Unlock();
        return errno;
    }

    /// <summary>The host's view of device memory; null when the range is not all in one place. Kernel: rproc_da_to_va.</summary>
    public Memory<byte>? DaToVa(DeviceAddress address, ulong lengthBytes) =>
        lengthBytes > int.MaxValue ? null : Ops.DaToVa?.Invoke(this, address, lengthBytes) ?? Carveouts.DaToVa(address, lengthBytes);

    /// <summary>A vring has rung. Kernel: rproc_vq_interrupt.</summary>
    /// <param name="notifyId">Which; not trusted.</param>
    /// <returns>IRQ_HANDLED when a queue had something for its driver.</returns>
    public ValueTask<IrqReturn> VqInterruptAsync(int notifyId) =>
        NotifyIds.Find(notifyId)?.InterruptAsync() ?? new ValueTask<IrqReturn>(IrqReturn.None);

    /// <summary>Has a range dumped when it crashes; until the resources are cleaned up. Kernel: rproc_coredump_add_segment.</summary>
    public void AddDumpSegment(DeviceAddress address, ulong lengthBytes) => _dumpSegments.Add(new CoreDumpSegment(address, lengthBytes));

    /// <summary>The host panics: tells a processor that is up. Kernel: rproc_panic_handler.</summary>
    /// <returns>How long the host waits for it, ms.</returns>
    public int Panic() => State is RprocState.Running or RprocState.Attached ? Ops.Panic?.Invoke(this) ?? 0 : 0;

    internal void SetState(RprocState state)
    {
        Invariant.Check(RprocTransitions.IsLegal(State, state), "a processor changes state along its table");
        Kernel.Scheduler.Trace.Emit(TraceKind.State, Name, (ulong)State, (ulong)state);
        State = state;
    }

    /// <summary>A named step begins: a scheduling point, and a place where the day can go wrong.</summary>
    internal async ValueTask<Errno> StepAsync(string step)
    {
        await Kernel.Scheduler.Point(step);
        Errno errno = Kernel.Faults.At(step);
        Kernel.Scheduler.Trace.Emit(TraceKind.Step, step, (ulong)errno, (ulong)Index);
        return errno;
    }

    internal void AddTrace(DeviceAddress address, uint lengthBytes, string entryName) =>
        _traces.Add(new TraceBuffer(this, _traces.Count, address, lengthBytes, entryName));

    internal void ClearTraces() => _traces.Clear();

    internal void ClearDumpSegments() => _dumpSegments.Clear();

    internal void AddVdev(RprocVdev vdev) => _vdevs.Add(vdev);

    /// <exception cref="KernelOopsException">It was removed already: up to v4.8 a recovery and rproc_del may meet.</exception>
    internal void RemoveVdev(RprocVdev vdev)
    {
        if (!_vdevs.Remove(vdev)) throw new KernelOopsException($"rproc_remove_virtio_dev: list_del of {vdev.Name}, which was freed");
    }

    /// <inheritdoc/>
    protected override void Release() => Module.ReleaseIndex(Index);
}
