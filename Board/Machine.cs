using System;
using System.Collections.Generic;
using System.Linq;
using System.Threading.Tasks;
using RemoteprocEmu.Cores.Scripted;
using RemoteprocEmu.DriverModel;
using RemoteprocEmu.DriverModel.Devices;
using RemoteprocEmu.DriverModel.Modules;
using RemoteprocEmu.Firmware.Elf;
using RemoteprocEmu.Firmware.Loading;
using RemoteprocEmu.Firmware.ResourceTable;
using RemoteprocEmu.Platform;
using RemoteprocEmu.Platform.Memory;
using RemoteprocEmu.Platform.RemoteCores;
using RemoteprocEmu.Platform.Tasks;
using RemoteprocEmu.Remoteproc;
using RemoteprocEmu.Remoteproc.Platforms;
using RemoteprocEmu.Rpmsg.Bus;
using RemoteprocEmu.Rpmsg.Drivers;
using RemoteprocEmu.Rpmsg.VirtioBackend;
using RemoteprocEmu.Virtio.Console;
using RemoteprocEmu.Virtio.Device;
using RemoteprocEmu.Virtio.Net;

namespace RemoteprocEmu.Board;

/// <summary>A machine: memory, a kernel, its modules on disk, and the remote processors that the board has.</summary>
/// <remarks>
/// <code>
/// using Machine machine = new(new MachineOptions(), new ProcessorOptions { Image = elf, Program = new EchoProgram() });
/// machine.Run(async () =>
/// {
///     await machine.ModprobeAsync("virtio_rpmsg_bus");
///     await machine.ModprobeAsync("emu_rproc");        // the processor's driver: it boots by itself from here
///     ...
///     await machine.UnloadAllAsync();
/// });
/// </code>
/// No module is loaded when <see cref="Run"/> begins. The order in which they are loaded and unloaded is the user's.
/// </remarks>
public sealed class Machine : IDisposable
{
    private const ulong DmaAddressFirst = 0xA000_0000;
    private const ulong DmaAddressStep = 0x0200_0000;

    private readonly List<SharedMemory> _memories = [];
    private readonly List<BoardProcessor> _processors = [];
    private readonly List<PlatformDevice> _otherDevices = [];
    private readonly SortedDictionary<string, KernelModule> _modules = new(StringComparer.Ordinal);
    private readonly MemoryBank _dma;
    private bool _isPopulated;
    private bool _isMarked;
    private bool _hasFailed;

    /// <summary>Makes a machine.</summary>
    /// <param name="options">How.</param>
    /// <param name="processors">Its remote processors, in order.</param>
    /// <exception cref="ArgumentException">The processors' memory cannot be placed.</exception>
    public Machine(MachineOptions options, params ReadOnlySpan<ProcessorOptions> processors)
    {
        ArgumentNullException.ThrowIfNull(options);
        Options = options;
        Scheduler = options.IsVirtual ? new VirtualScheduler(options.Choices, options.Trace) : new ThreadedScheduler(options.Trace);
        Kernel = new Kernel(Scheduler) { Log = { KeepsLines = options.KeepsLog } };
        PlatformBus = new PlatformBus(Kernel);
        VirtioBus = new VirtioBus(Kernel);
        Remoteproc = new RemoteprocModule(Kernel, VirtioBus, options.Era);
        RpmsgCore = new RpmsgCoreModule(Kernel);
        AddModule(Remoteproc);
        AddModule(RpmsgCore);
        AddModule(new RpmsgNsModule(Kernel, RpmsgCore));
        RpmsgBus = new VirtioRpmsgBusModule(Kernel, RpmsgCore, VirtioBus);
        AddModule(RpmsgBus);
        RpmsgCharModule character = new(Kernel, RpmsgCore);
        AddModule(character);
        AddModule(new RpmsgCtrlModule(Kernel, RpmsgCore, character));
        AddModule(new RpmsgTtyModule(Kernel, RpmsgCore));
        Net = new VirtioNetModule(Kernel, VirtioBus);
        AddModule(Net);
        Console = new VirtioConsoleModule(Kernel, VirtioBus);
        AddModule(Console);
        AddModule(new RpmsgClientSampleModule(Kernel, RpmsgCore) { Count = options.ClientSampleCount });

        MemoryPlan[] plans = new MemoryPlan[processors.Length];
        for (int i = 0; i < plans.Length; i++) plans[i] = MemoryPlan.Of(processors[i].Image, processors[i].HasIommu);
        _dma = AddBank("dma", new PhysicalAddress(FindDmaAddress(plans, options.DmaBytes)), options.DmaBytes);
        for (int i = 0; i < plans.Length; i++) AddProcessor(processors[i], plans[i], i);
    }

    /// <summary>What it was made from.</summary>
    public MachineOptions Options { get; }

    /// <summary>Runs everything in it.</summary>
    public Scheduler Scheduler { get; }

    /// <summary>Its kernel.</summary>
    public Kernel Kernel { get; }

    /// <summary>Its bus.</summary>
    public PhysicalMemory Physical { get; } = new();

    /// <summary>The platform bus.</summary>
    public PlatformBus PlatformBus { get; }

    /// <summary>The virtio bus.</summary>
    public VirtioBus VirtioBus { get; }

    /// <summary>The remoteproc core.</summary>
    public RemoteprocModule Remoteproc { get; }

    /// <summary>The rpmsg core, with the rpmsg bus.</summary>
    public RpmsgCoreModule RpmsgCore { get; }

    /// <summary>The rpmsg bus on virtio.</summary>
    public VirtioRpmsgBusModule RpmsgBus { get; }

    /// <summary>virtio_net, with the host's network interfaces.</summary>
    public VirtioNetModule Net { get; }

    /// <summary>virtio_console, with the host's consoles and serial ports to remote processors.</summary>
    public VirtioConsoleModule Console { get; }

    /// <summary>Its remote processors, in order.</summary>
    public IReadOnlyList<BoardProcessor> Processors => _processors;

    /// <summary>Its modules, loaded or not, by name.</summary>
    public IReadOnlyDictionary<string, KernelModule> Modules => _modules;

    /// <summary>Where coherent memory comes from.</summary>
    public MemoryBank DmaBank => _dma;

    /// <summary>Puts a module on its disk, so that it can be loaded by name. It replaces one of that name.</summary>
    public void AddModule(KernelModule module)
    {
        ArgumentNullException.ThrowIfNull(module);
        Invariant.Check(!_modules.TryGetValue(module.Name, out KernelModule? other) || other.State == ModuleState.Unloaded,
            "a module that is loaded is not replaced");
        _modules[module.Name] = module;
    }

    /// <summary>Adds a platform device that is no processor, before <see cref="Run"/>: a consumer, for instance.</summary>
    public PlatformDevice AddDevice(string name, string compatible, object? platformData)
    {
        PlatformDevice device = new(Kernel, PlatformBus, name, compatible, platformData);
        _otherDevices.Add(device);
        return device;
    }

    /// <summary>Adds memory to the bus.</summary>
    public MemoryBank AddBank(string name, PhysicalAddress address, long lengthBytes)
    {
        SharedMemory memory = SharedMemory.Create(name, lengthBytes);
        _memories.Add(memory);
        MemoryBank bank = new(name, address, memory, Scheduler.Trace);
        Physical.Add(bank);
        return bank;
    }

    /// <summary>
    /// Runs <paramref name="main"/> as the machine's first task, with the board's devices in place, and returns when it has ended.
    /// </summary>
    public void Run(Func<ValueTask> main)
    {
        ArgumentNullException.ThrowIfNull(main);
        if (!_isMarked) Kernel.Mark();
        _isMarked = true;
        _hasFailed = true; // until it has not
        Scheduler.Run(async () =>
        {
            await PopulateAsync();
            await main();
        });
        _hasFailed = false;
    }

    /// <summary>Loads a module by name. Kernel: insmod; its dependencies must be there.</summary>
    /// <returns>What insmod returned; ENOENT for a name that is not on disk.</returns>
    public async ValueTask<Errno> InsmodAsync(string name) =>
        _modules.TryGetValue(name, out KernelModule? module) ? await Kernel.Modules.InsmodAsync(module) : Errno.ENOENT;

    /// <summary>Loads a module and, before it, what it depends on. User space: modprobe.</summary>
    /// <returns>Ok, also when it was loaded already; or the first error.</returns>
    public async ValueTask<Errno> ModprobeAsync(string name)
    {
        if (!_modules.TryGetValue(name, out KernelModule? module)) return Errno.ENOENT;
        if (module.State == ModuleState.Live) return Errno.Ok;
        foreach (string dependency in module.DependsOn)
        {
            Errno errno = await ModprobeAsync(dependency);
            if (errno != Errno.Ok) return errno;
        }

        Errno own = await Kernel.Modules.InsmodAsync(module);
        return own == Errno.EEXIST ? Errno.Ok : own; // another task was faster: what was asked for is there
    }

    /// <summary>Unloads a module. User space: rmmod.</summary>
    public ValueTask<Errno> RmmodAsync(string name) => Kernel.Modules.RmmodAsync(name);

    /// <summary>
    /// Unloads every module, last loaded first, and takes the board's devices away: then <see cref="WhatIsLeft"/> is empty.
    /// </summary>
    /// <returns>
    /// Ok, or the errno of the last module when no module would go any more. One that is in use is tried again when another has gone.
    /// </returns>
    public async ValueTask<Errno> UnloadAllAsync()
    {
        while (Kernel.Modules.Loaded.Count > 0)
        {
            Errno errno = await UnloadOneAsync();
            if (errno != Errno.Ok) return errno;
        }

        if (!_isPopulated) return Errno.Ok;
        _isPopulated = false;
        for (int i = _otherDevices.Count - 1; i >= 0; i--) await _otherDevices[i].UnregisterAsync();
        for (int i = _processors.Count - 1; i >= 0; i--) await _processors[i].Device.UnregisterAsync();
        return Errno.Ok;
    }

    /// <summary>Everything that is still there and should not be after <see cref="UnloadAllAsync"/>: counted, one line each.</summary>
    public IReadOnlyList<string> WhatIsLeft()
    {
        List<string> left = [];
        foreach (KernelModule module in Kernel.Modules.Loaded) left.Add($"module {module.Name}, {module.ReferenceCount} references");
        foreach (KernelModule module in _modules.Values)
        {
            if (module.ReferenceCount != 0 && !Kernel.Modules.Loaded.Contains(module))
                left.Add($"{module.ReferenceCount} references on module {module.Name}");
        }

        foreach (Device device in Kernel.Devices) left.Add($"device {device.Name}, {device.ReferenceCount} references");
        foreach (MemoryBank bank in Physical.Banks)
        {
            foreach (MemoryBlock block in bank.LiveBlocks) left.Add($"memory in {bank.Name}: {block}");
        }

        foreach (BoardProcessor processor in _processors)
        {
            foreach (AddressWindow window in processor.Memory.Iommu?.Windows ?? [])
                left.Add($"mapping {window.Name} at {window.DeviceAddress}");
        }

        foreach (KernelTask task in Scheduler.LiveTasks)
        {
            if (task != Scheduler.Current) left.Add($"task {task}");
        }

        return left;
    }

    /// <summary>Makes a machine whose run has ended clean as it was when its first run began, for another one.</summary>
    /// <remarks>
    /// It costs microseconds where a new machine maps memory; the next run cannot tell the difference, and gives the same trace. Memory is
    /// zero again but for what a boot loader left; time, task numbers, ids, log and counters begin anew. What the machine was given keeps
    /// its own state: modules' parameters, the trace sink, the fault plan, who listens to the log.
    /// </remarks>
    /// <param name="choices">Decides in the next run; null for "go on as before".</param>
    /// <returns>
    /// False, and then it is to be disposed of: something is left (see <see cref="WhatIsLeft"/>), the run ended in an exception, it runs in
    /// real time, or a core cannot be rewound.
    /// </returns>
    public bool TryRewind(IChoices? choices)
    {
        if (Scheduler is not VirtualScheduler scheduler || !_isMarked || _hasFailed || !IsClean()) return false;
        foreach (BoardProcessor processor in _processors)
        {
            if (!processor.Core.TryRewind()) return false;
        }

        scheduler.Rewind(choices);
        foreach (MemoryBank bank in Physical.Banks) bank.Rewind();
        Kernel.Rewind();
        foreach (BoardProcessor processor in _processors)
        {
            if (processor.Options is { StartsDetached: true, LiveTable: null }) _ = LoadEarly(processor.Options, processor.Memory);
        }

        return true;
    }

    /// <summary>Ends the threads, if it has any, and gives the memory back.</summary>
    public void Dispose()
    {
        (Scheduler as IDisposable)?.Dispose();
        foreach (SharedMemory memory in _memories) ((IDisposable)memory).Dispose();
        _memories.Clear();
    }

    /// <summary>Whether <see cref="WhatIsLeft"/> would be empty, without the words.</summary>
    internal bool IsClean()
    {
        if (Kernel.Modules.Loaded.Count > 0 || Kernel.Devices.Count > 0 || Scheduler.LiveCount > 0) return false;
        foreach (KernelModule module in _modules.Values)
        {
            if (module.ReferenceCount != 0) return false;
        }

        foreach (MemoryBank bank in Physical.Banks)
        {
            if (bank.LiveBlocks.Count > 0) return false;
        }

        foreach (BoardProcessor processor in _processors)
        {
            if (processor.Memory.Iommu is { Windows.Count: > 0 }) return false;
        }

        return true;
    }

    private async ValueTask<Errno> UnloadOneAsync()
    {
        Errno first = Errno.Ok;
        KernelModule[] loaded = [.. Kernel.Modules.Loaded];
        for (int i = loaded.Length - 1; i >= 0; i--)
        {
            Errno errno = await Kernel.Modules.RmmodAsync(loaded[i].Name);
            if (errno == Errno.Ok) return Errno.Ok;
            if (first == Errno.Ok) first = errno;
        }

        return first;
    }

    private async ValueTask PopulateAsync()
    {
        if (_isPopulated) return;
        _isPopulated = true;
        foreach (BoardProcessor processor in _processors)
            Invariant.Check(await processor.Device.AddAsync() == Errno.Ok, "the board's devices have names of their own");
        foreach (PlatformDevice device in _otherDevices)
            Invariant.Check(await device.AddAsync() == Errno.Ok, "the board's devices have names of their own");
        Kernel.Faults = Options.Faults ?? Kernel.Faults; // a board that is there is not part of what may fail
    }

    private void AddProcessor(ProcessorOptions options, MemoryPlan plan, int index)
    {
        AddressMap windows = new();
        AddSharedMemories(options, windows);
        foreach ((DeviceAddress address, ulong lengthBytes) in plan.Windows)
        {
            if (windows.TryTranslate(address, lengthBytes, out _)) continue; // it is there
            MemoryBank bank = PlaceBank($"{options.Name} 0x{address.Value:x}", address.Value, lengthBytes);
            Errno errno = windows.Map(new AddressWindow(bank.Name, address, bank.Address, lengthBytes));
            Invariant.Check(errno == Errno.Ok, "a plan's windows lie apart");
        }

        foreach ((PhysicalAddress address, ulong lengthBytes) in plan.Registers)
        {
            if (Physical.Find(address, lengthBytes) is null && IsFree(address.Value, lengthBytes))
                _ = AddBank($"{options.Name} registers {address}", address, (long)lengthBytes);
        }

        AddressMap? iommu = options.HasIommu ?? plan.NeedsIommu ? new AddressMap() : null;
        RemoteMemory memory = new(Physical, windows, iommu, reachesBus: true);
        string firmwareName = options.FirmwareName ?? $"rproc-{options.Name}-fw";
        if (!options.Image.IsEmpty) Kernel.Firmware.Provide(firmwareName, options.Image);
        if (options.Core is null && options.Program is null)
            throw new ArgumentException($"{options.Name} has neither Program nor Core", nameof(options));
        IRemoteCore core = options.Core?.Invoke(Scheduler) ?? new ScriptedCore(Scheduler, options.Name, options.Program!);
        if (!_modules.ContainsKey(options.Driver)) AddModule(new RemoteCoreModule(Remoteproc, PlatformBus, options.Driver));
        PlatformDevice device = new(Kernel, PlatformBus, $"{index}.remoteproc", options.Driver, new RemoteCorePlatform
        {
            Core = core,
            Name = options.Name,
            DmaBank = _dma,
            Memory = memory,
            FirmwareName = firmwareName,
            AutoBoot = options.AutoBoot,
            StartsDetached = options.StartsDetached,
            CanDetach = options.CanDetach,
            AttachOnRecovery = options.AttachOnRecovery,
            SysfsReadOnly = options.SysfsReadOnly,
            CanKick = options.CanKick,
            ToleratesMissingTable = options.ToleratesMissingTable,
            LiveTable = options.StartsDetached ? options.LiveTable ?? LoadEarly(options, memory) : null,
            Subdevices = options.Subdevices,
            ReservedMemory = options.ReservedMemory,
        });
        _processors.Add(new BoardProcessor(options, core, device, memory));
    }

    private void AddSharedMemories(ProcessorOptions options, AddressMap windows)
    {
        foreach ((DeviceAddress address, SharedMemory memory) in options.SharedMemories)
        {
            MemoryBank bank = new(memory.Name, new PhysicalAddress(address.Value), memory, Scheduler.Trace);
            Physical.Add(bank);
            Errno errno = windows.Map(new AddressWindow(bank.Name, address, bank.Address, (ulong)bank.SizeBytes));
            if (errno != Errno.Ok) throw new ArgumentException($"shared memory {bank} overlaps another", nameof(options));
        }
    }

    /// <summary>What a boot loader did before the kernel came: segments and table are in memory.</summary>
    private static (DeviceAddress Address, int LengthBytes)? LoadEarly(ProcessorOptions options, RemoteMemory memory)
    {
        if (ElfImage.TryOpen(options.Image, out ElfImage image, out _) != ElfStatus.Ok) return null;
        foreach (LoadSegment segment in LoadPlan.Of(image))
        {
            if (segment.Status == LoadStatus.Ok && memory.TrySlice(segment.Address, segment.MemorySizeBytes, out Span<byte> bytes))
                segment.Data.Span.CopyTo(bytes);
        }

        if (LoadPlan.Of(image).TryFindLoadedTable(out ResourceTableSection table) != ResourceTableStatus.Ok) return null;
        if (!memory.TrySlice(table.Address, (ulong)table.SizeBytes, out Span<byte> place)) return null;
        table.Bytes.Span.CopyTo(place);
        return (table.Address, table.SizeBytes);
    }

    /// <summary>
    /// Where the processor's address is free on the bus, memory is put there; else wherever there is room, and its window leads to it.
    /// </summary>
    private MemoryBank PlaceBank(string name, ulong address, ulong lengthBytes)
    {
        ulong at = address;
        for (ulong candidate = 0x10_0000_0000; !IsFree(at, lengthBytes); candidate += lengthBytes) at = candidate;
        return AddBank(name, new PhysicalAddress(at), (long)lengthBytes);
    }

    private bool IsFree(ulong address, ulong lengthBytes) => Physical.Banks.All(bank =>
        address + lengthBytes <= bank.Address.Value || bank.Address.Value + (ulong)bank.SizeBytes <= address);

    /// <summary>
    /// DMA memory is reached by its bus address, so no window of any processor, and nothing mapped at a fixed address, may hide it.
    /// </summary>
    private static ulong FindDmaAddress(MemoryPlan[] plans, long dmaBytes)
    {
        for (ulong address = DmaAddressFirst; address + (ulong)dmaBytes <= uint.MaxValue; address += DmaAddressStep)
        {
            AddressWindow dma = new("dma", new DeviceAddress(address), new PhysicalAddress(address), (ulong)dmaBytes);
            if (!plans.Any(plan => plan.Hides(dma))) return address;
        }

        throw new ArgumentException(
            "the images leave no room for DMA memory between 0xa0000000 and 4 GiB: use a smaller DmaBytes", nameof(plans));
    }
}
