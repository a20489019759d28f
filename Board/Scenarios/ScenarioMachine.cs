using System;
using System.Collections.Generic;
using System.Threading.Tasks;
using RemoteprocEmu.Board.Traffic;
using RemoteprocEmu.Cores.Programs;
using RemoteprocEmu.Cores.Scripted;
using RemoteprocEmu.DriverModel.Devices;
using RemoteprocEmu.Explorer.Scenarios;
using RemoteprocEmu.Explorer.Search;
using RemoteprocEmu.Firmware.Elf;
using RemoteprocEmu.Platform;
using RemoteprocEmu.Platform.Doorbells;
using RemoteprocEmu.Platform.Memory;
using RemoteprocEmu.Platform.RemoteCores;
using RemoteprocEmu.Platform.Tasks;
using RemoteprocEmu.Platform.Trace;
using RemoteprocEmu.Remoteproc;
using RemoteprocEmu.Remoteproc.Eras;
using RemoteprocEmu.Remoteproc.Interfaces;
using RemoteprocEmu.Remoteproc.Platforms;
using RemoteprocEmu.Remoteproc.Subdevices;

namespace RemoteprocEmu.Board.Scenarios;

/// <summary>The machine of a scenario, for one run after the other as long as each ends clean.</summary>
internal sealed class ScenarioMachine : IDisposable
{
    private readonly Scenario _scenario;
    private readonly ScenarioProgram?[] _programs;
    private readonly RprocCdev?[] _cdevs;
    private readonly Rproc?[] _cdevOwners;
    private readonly byte[][] _images;
    private readonly byte[]?[] _tables; // as a processor that runs already came with it

    /// <summary>Makes the machine; nothing runs yet.</summary>
    /// <param name="scenario">Whose.</param>
    /// <param name="era">The kernel.</param>
    /// <param name="images">The image of each processor.</param>
    /// <param name="schedule">Decides in the first run.</param>
    /// <param name="trace">Sees every event of every run; null for none.</param>
    public ScenarioMachine(Scenario scenario, Era era, byte[][] images, Schedule schedule, ITraceSink? trace)
    {
        _scenario = scenario;
        _images = images;
        Faults = new ScenarioFaultPlan(scenario.Faults);
        int count = scenario.Processors.Count;
        Cores = new ScriptedCore[count];
        _programs = new ScenarioProgram?[count];
        _cdevs = new RprocCdev?[count];
        _cdevOwners = new Rproc?[count];
        WkupM3Board pair = new();
        bool hasConsumer = false;
        foreach (string device in scenario.Devices) hasConsumer |= device == ScenarioFiles.WkupM3Ipc;
        ProcessorOptions[] processors = new ProcessorOptions[count];
        List<LoggedSubdevice> subdevices = [];
        for (int i = 0; i < count; i++)
        {
            processors[i] = OptionsOf(i, hasConsumer && i == 0 ? pair : null);
            foreach (Subdevice subdevice in processors[i].Subdevices) subdevices.Add((LoggedSubdevice)subdevice);
        }

        MachineOptions options = new() { Era = era, Choices = schedule, Trace = trace, Faults = Faults };
        Machine = new Machine(options, processors);
        Scheduler = (VirtualScheduler)Machine.Scheduler;
        Machine.Kernel.Log.KeepsLines = LooksAtLog(scenario);
        Faults.Scheduler = Scheduler;
        foreach (LoggedSubdevice subdevice in subdevices) subdevice.Kernel = Machine.Kernel;
        Machine.AddModule(new PlainVirtioModule(Machine.Kernel, Machine.VirtioBus, ScenarioFiles.VirtioNet, 1));
        Machine.AddModule(new ExchangeModule(Machine.Kernel, Machine.RpmsgCore, Exchanges));
        if (hasConsumer) Consumer = pair.AddConsumer(Machine);
        _tables = new byte[]?[count];
        for (int i = 0; i < count; i++) _tables[i] = TryReadLiveTable(i, out Span<byte> table) ? table.ToArray() : null;
    }

    /// <summary>The machine.</summary>
    public Machine Machine { get; }

    /// <summary>Its scheduler.</summary>
    public VirtualScheduler Scheduler { get; }

    /// <summary>What runs behind each processor's doorbell.</summary>
    public ScriptedCore[] Cores { get; }

    /// <summary>What may go wrong.</summary>
    public ScenarioFaultPlan Faults { get; }

    /// <summary>What the module rpmsg_exchange exchanges when it is loaded.</summary>
    public List<VdevExchange> Exchanges { get; } = [];

    /// <summary>The device of the wkup_m3_ipc driver; null where the board has none.</summary>
    public PlatformDevice? Consumer { get; }

    /// <summary>Whether every core has seen the newest status of its vdevs.</summary>
    public bool HaveCoresSeenStatus
    {
        get
        {
            foreach (ScriptedCore core in Cores)
            {
                if (!core.HasSeenStatus) return false;
            }

            return true;
        }
    }

    /// <summary>A run begins: whatever started processors before the kernel came, does so.</summary>
    public void Begin()
    {
        Faults.Begin();
        Exchanges.Clear();
        for (int i = 0; i < Cores.Length; i++)
        {
            if (_scenario.Processors[i].StartsDetached) StartAlone(i);
        }
    }

    /// <summary>A run ends: a processor that was let go is switched off.</summary>
    public async ValueTask EndAsync()
    {
        for (int i = 0; i < Cores.Length; i++)
        {
            if (_scenario.Processors[i].StartsDetached) _ = await Cores[i].StopAsync(); // Ok, also when it is off
        }
    }

    /// <summary>The processor as remoteproc knows it; null while its driver is not loaded.</summary>
    public Rproc? RprocOf(int processor) => Machine.Processors[processor].Rproc;

    /// <summary>The character device of a processor; null while its driver is not loaded.</summary>
    public RprocCdev? CdevOf(int processor)
    {
        Rproc? rproc = RprocOf(processor);
        if (rproc is null) return null;
        if (_cdevOwners[processor] != rproc) (_cdevOwners[processor], _cdevs[processor]) = (rproc, new RprocCdev(rproc));
        return _cdevs[processor];
    }

    /// <summary>The name of a processor's image in /lib/firmware.</summary>
    public string FirmwareNameOf(int processor) =>
        Machine.Processors[processor].Options.FirmwareName ?? $"rproc-{_scenario.Processors[processor].Name}-fw";

    /// <summary>Whether the table that a processor came with is as it came; null when it did not run.</summary>
    public bool? IsLiveTableClean(int processor) =>
        _tables[processor] is { } before && TryReadLiveTable(processor, out Span<byte> table) ? table.SequenceEqual(before) : null;

    /// <summary>What the host has announced to a processor's firmware; empty where that does not listen.</summary>
    public string HeardBy(int processor) => string.Join(", ", _programs[processor]?.Heard ?? []);

    /// <summary>The image that a processor was made with.</summary>
    public byte[] ImageOf(int processor) => _images[processor];

    /// <summary>Has the firmware announce a service or take it back.</summary>
    /// <returns>ENODEV when what runs there takes no such requests.</returns>
    public Errno AskRemote(ScenarioAction action)
    {
        if (_programs[action.Processor] is not { } program) return Errno.ENODEV;
        program.Ask(action.Vdev, action.Object, (uint)action.Number, action.Verb == ScenarioVerb.RemoteCreate);
        Cores[action.Processor].Kick(0); // any line: it looks at everything
        return Errno.Ok;
    }

    /// <inheritdoc/>
    public void Dispose() => Machine.Dispose();

    private static bool LooksAtLog(Scenario scenario)
    {
        foreach (Expectation expectation in scenario.Expectations)
        {
            if (expectation.Observable is Observable.Log or Observable.NoLog) return true;
        }

        return false;
    }

    private ProcessorOptions OptionsOf(int index, WkupM3Board? pair)
    {
        ScenarioProcessor processor = _scenario.Processors[index];
        List<LoggedSubdevice> subdevices = [];
        foreach (string name in processor.Subdevices) subdevices.Add(new LoggedSubdevice(name));
        ProcessorOptions options = pair?.Processor(_images[index]) ?? new ProcessorOptions { Image = _images[index] };
        Func<Scheduler, IRemoteCore>? makeCore = options.Core;
        return options with
        {
            Name = processor.Name,
            Core = scheduler => Wrap(Cores[index] = (ScriptedCore?)makeCore?.Invoke(scheduler) ?? MakeCore(scheduler, index)),
            Driver = processor.Driver,
            AutoBoot = processor.AutoBoot,
            HasIommu = processor.HasIommu,
            StartsDetached = processor.StartsDetached,
            CanDetach = processor.CanDetach,
            AttachOnRecovery = processor.AttachOnRecovery,
            CanKick = processor.CanKick,
            SysfsReadOnly = processor.SysfsReadOnly,
            ToleratesMissingTable = processor.ToleratesMissingTable,
            Subdevices = subdevices,
        };
    }

    private ScriptedCore MakeCore(Scheduler scheduler, int index)
    {
        ScenarioProcessor processor = _scenario.Processors[index];
        RemoteProgram program = processor.Program is ScenarioProgram.Echo or ScenarioProgram.EarlyReader
            ? _programs[index] = new ScenarioProgram(processor.Program == ScenarioProgram.EarlyReader)
            : RemotePrograms.Create(processor.Program, processor.ProgramOptions) ??
                throw new ArgumentException($"no program of the name {processor.Program}");
        return new ScriptedCore(scheduler, processor.Name, program) { RestartsItself = processor.AttachOnRecovery };
    }

    private IRemoteCore Wrap(ScriptedCore core)
    {
        foreach (ScenarioFault fault in _scenario.Faults)
        {
            if (fault.Site is ScenarioFault.LoseKick or ScenarioFault.DelayKick) return new KickFaultCore(core, Faults);
        }

        return core;
    }

    private RemoteCorePlatform PlatformOf(int index) => (RemoteCorePlatform)Machine.Processors[index].Device.PlatformData!;

    private bool TryReadLiveTable(int index, out Span<byte> table)
    {
        table = default;
        RemoteCorePlatform platform = PlatformOf(index);
        return platform.LiveTable is { } live && platform.Memory.TrySlice(live.Address, (ulong)live.LengthBytes, out table);
    }

    private void StartAlone(int index)
    {
        RemoteCorePlatform platform = PlatformOf(index);
        (DeviceAddress Address, int LengthBytes) table = platform.LiveTable ?? (DeviceAddress.Any, 0);
        _ = ElfImage.TryOpen(_images[index], out ElfImage image, out _); // one that is broken starts at 0
        Doorbell nobody = new(Scheduler, "nobody", 1);
        Errno errno = Cores[index].StartAlone(
            new CoreStart(image.BootAddress.Value, platform.Memory, table.Address, table.LengthBytes, nobody, nobody));
        Invariant.Check(errno == Errno.Ok, "a core is off before a run");
    }
}
