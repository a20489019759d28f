using System;
using System.Collections.Generic;
using System.Linq;
using System.Threading.Tasks;
using RemoteprocEmu.Board;
using RemoteprocEmu.Board.Capture;
using RemoteprocEmu.Board.Terminals;
using RemoteprocEmu.Board.Traffic;
using RemoteprocEmu.Cores.Programs;
using RemoteprocEmu.Cores.Scripted;
using RemoteprocEmu.DriverModel.Devices;
using RemoteprocEmu.DriverModel.Log;
using RemoteprocEmu.Firmware.Elf;
using RemoteprocEmu.Platform;
using RemoteprocEmu.Platform.Tasks;
using RemoteprocEmu.Remoteproc;
using RemoteprocEmu.Remoteproc.Interfaces;
using RemoteprocEmu.Remoteproc.Lifecycle;
using RemoteprocEmu.Remoteproc.Vdevs;
using RemoteprocEmu.Rpmsg.Drivers;
using RemoteprocEmu.Rpmsg.Ownership;
using RemoteprocEmu.Rpmsg.VirtioBackend;
using RemoteprocEmu.Virtio.Console;
using RemoteprocEmu.Virtio.Net;

namespace RemoteprocEmu.Cli.Run;

/// <summary>One life of a processor: boots an image, talks to it, stops it, unloads everything, and looks what is left.</summary>
/// <remarks>
/// <code>
/// modprobe virtio_rpmsg_bus, rpmsg_client_sample, emu_rproc     the processor boots, the sample says hello and goodbye
/// rmmod rpmsg_client_sample; insmod rpmsg_exchange              numbered messages, over a crash where one is asked for
/// stop; rmmod everything                                        what is left is a finding
/// </code>
/// </remarks>
internal sealed class FirmwareRun : IDisposable
{
    private const int SampleMessages = 3;
    private const uint RpmsgDeviceId = 7;
    private const long PollNs = 1_000_000;
    private const long NoAnswerNs = 5_000_000_000;

    private readonly RunOptions _options;
    private readonly ImageTraits _traits;
    private readonly Machine _machine;
    private readonly RunReport _report = new();
    private readonly List<VdevExchange> _exchanges = [];
    private readonly RemoteProgram? _program;
    private readonly StreamTalk? _streams;
    private readonly PlatformDevice? _wkupM3Consumer;
    private readonly MessageCapture? _capture;
    private readonly TtyBridge? _terminals;
    private Completion? _consumerMayGo;
    private KernelTask? _consumer;
    private int _goodbyeCount;
    private int _logCount;
    private volatile bool _isInterrupted;

    /// <summary>Builds the machine; nothing runs yet.</summary>
    /// <param name="options">What to do; the image can be opened.</param>
    /// <exception cref="ArgumentException">The image leaves the board no room for its memory, or the program does not exist.</exception>
    public FirmwareRun(RunOptions options)
    {
        _options = options;
        ElfStatus status = ElfImage.TryOpen(options.Image.Bytes, out ElfImage image, out _);
        Invariant.Check(status == ElfStatus.Ok, "an image is judged before it is run");
        _traits = ImageTraits.Of(image);
        _report.Boot = options.Boot ?? (_traits.IsTraceOnly ? BootBy.Consumer : BootBy.Auto);
        MachineOptions machineOptions = new()
        {
            IsVirtual = options.IsVirtual,
            Choices = options.Seed is { } seed ? new SeededChoices(seed) : null,
            Era = options.Era,
            ClientSampleCount = SampleMessages,
        };
        if (_report.Boot == BootBy.Consumer && _traits.IsTraceOnly && options.Program is null)
        {
            WkupM3Board pair = new();
            _machine = new Machine(machineOptions, pair.Processor(options.Image.Bytes) with { FirmwareName = options.Image.FirmwareName });
            _wkupM3Consumer = pair.AddConsumer(_machine);
        }
        else
        {
            _program = MakeProgram();
            _machine = new Machine(machineOptions, new ProcessorOptions
            {
                Image = options.Image.Bytes,
                FirmwareName = options.Image.FirmwareName,
                Program = _program,
                AutoBoot = _report.Boot == BootBy.Auto,
            });
        }

        if (_program is EchoAllProgram) _streams = new StreamTalk(_machine, _traits, options.Messages, Find);
        _report.ProgramName = _program?.Name ?? "wkup-m3";
        if (options.ChecksBuffers) _machine.RpmsgBus.Ledger = new BufferLedger(_machine.Scheduler);
        if (options.Capture is { } file) _capture = new MessageCapture(_machine, file);
        if (options.HasTerminals) _terminals = ConnectTerminals();
        _machine.Kernel.Log.LineWritten += OnLine;
    }

    /// <summary>Called with each line of the kernel log, on the task that writes it.</summary>
    public event Action<LogLine>? LineWritten;

    /// <summary>Called now and then while messages pass: how many were exchanged, and how many there are to be.</summary>
    public event Action<long, long>? Progressed;

    /// <summary>Called with the machine again and again while it waits for something, on the host's task.</summary>
    public event Action<Machine, IReadOnlyList<VdevExchange>>? Looked;

    /// <summary>Called with each terminal of the firmware's that got one of this machine's: both paths.</summary>
    public event Action<string, string>? TerminalConnected;

    private Scheduler Scheduler => _machine.Scheduler;

    private BoardProcessor Processor => _machine.Processors[0];

    private Rproc Rproc => Processor.Rproc ?? throw new InvariantException("the processor's driver is loaded");

    /// <summary>Whether messages are exchanged.</summary>
    private bool Talks => _traits.RpmsgVdevCount > 0 && _program is not (null or IdleProgram);

    /// <summary>Stops the processor in order, at its next pause. From any thread.</summary>
    public void Interrupt() => _isInterrupted = true;

    /// <summary>Runs it all. Once.</summary>
    public RunReport Run()
    {
        _machine.Run(RunAsync);
        _report.Log = _machine.Kernel.Log.Lines;
        _report.DurationNs = Scheduler.NowNs;
        _report.WasInterrupted = _isInterrupted && _terminals is null; // with terminals, that is how it ends
        _capture?.Dispose();
        _report.CaptureFailure = _capture?.Failure;
        return _report;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _capture?.Dispose();
        _machine.Dispose();
        _terminals?.Dispose();
    }

    private RemoteProgram MakeProgram()
    {
        string talk = _options.HasTerminals ? RemotePrograms.TtyEcho : "echo";
        string suits = _traits.NetVdevCount + _traits.ByteVdevCount > 0 && !_options.HasTerminals ? "echo-all"
            : _traits.RpmsgVdevCount > 0 ? talk : "idle";
        string name = _options.Program ?? suits;
        if (_options.CrashAfter is not null && name is "echo" or "echo-all") name = "crash-after";
        return RemotePrograms.Create(name, new RemoteProgramOptions
        {
            Messages = _options.Messages,
            CrashAfter = _options.CrashAfter ?? 100,
            Seed = _options.Seed ?? 1,
        }) ?? throw new ArgumentException($"no program of the name {name}");
    }

    private void OnLine(LogLine line)
    {
        _logCount++;
        if (line.Text.EndsWith("goodbye!", StringComparison.Ordinal)) _goodbyeCount++; // the sample says so there and nowhere else
        LineWritten?.Invoke(line);
        Looked?.Invoke(_machine, _exchanges);
    }

    private async ValueTask RunAsync()
    {
        await LoadAsync();
        if (await BootAsync())
        {
            _report.HasBooted = true;
            if (_terminals is not null) await ServeTerminalsAsync();
            else if (Talks) await TalkAsync();
            else if (_streams is null) await SettleAsync();
            if (_streams is not null && !await WaitAsync(() => _streams.IsDone)) _streams.FindWhatIsMissing();
            RunObserver.Observe(_machine, _exchanges, _options.IsVirtual, _report);
            _streams?.Observe(Processor.Core as ScriptedCore, _report);
            _report.PingCount = (_program as PingProgram)?.VerifiedCount ?? 0;
        }

        await StopAsync();
        Errno errno = await _machine.UnloadAllAsync();
        if (errno != Errno.Ok) Find($"{_machine.Kernel.Modules.Loaded[^1].Name} does not unload: {errno.Name()}");
        _report.Left = _machine.WhatIsLeft();
        foreach (string left in _report.Left) Find($"left behind: {left}");
        FindBufferMisuse();
    }

    private async ValueTask LoadAsync()
    {
        if (_traits.RpmsgVdevCount > 0)
        {
            await ModprobeAsync(VirtioRpmsgBusModule.ModuleName);
            if (_terminals is not null) await ModprobeAsync(RpmsgTtyModule.ModuleName);
            else if (Talks) await ModprobeAsync(RpmsgClientSampleModule.ModuleName);
        }

        if (_streams is not null)
        {
            if (_traits.NetVdevCount > 0) await ModprobeAsync(VirtioNetModule.ModuleName);
            if (_traits.ByteVdevCount > 0) await ModprobeAsync(VirtioConsoleModule.ModuleName);
        }

        await ModprobeAsync(Processor.Options.Driver);
        if (Processor.Rproc is not { } rproc) return;
        rproc.Coredump.Configuration = Remoteproc.Recovery.CoredumpConfiguration.Enabled;
        if (_report.Boot == BootBy.Consumer) await StartConsumerAsync();
    }

    private async ValueTask ModprobeAsync(string name)
    {
        Errno errno = await _machine.ModprobeAsync(name);
        if (errno != Errno.Ok) Find($"{name} does not load: {errno.Name()}");
    }

    private async ValueTask StartConsumerAsync()
    {
        if (_wkupM3Consumer is not null)
        {
            await ModprobeAsync("wkup_m3_ipc");
            return;
        }

        _consumerMayGo = new Completion(Scheduler, "consumer");
        _consumer = Scheduler.Spawn("consumer", ConsumeAsync);
    }

    /// <summary>A driver that needs the processor: takes its handle, boots it, uses it, and gives it back.</summary>
    private async ValueTask ConsumeAsync()
    {
        Rproc? rproc = _machine.Remoteproc.GetByPhandle(Processor.Device.Name);
        if (rproc is null)
        {
            Find("the consumer finds no processor");
            return;
        }

        Errno errno = await rproc.BootAsync();
        if (errno != Errno.Ok) Find($"rproc_boot of the consumer: {errno.Name()}");
        _ = await _consumerMayGo!.WaitAsync(); // no timeout
        if (errno == Errno.Ok) _ = await rproc.ShutdownAsync(); // a failure is in the log, and in what is left
        RemoteprocModule.Put(rproc);
    }

    /// <summary>Waits until it is up, or will not be.</summary>
    private async ValueTask<bool> BootAsync()
    {
        if (_report.Boot == BootBy.None || Processor.Rproc is not { } rproc) return false;
        while (rproc.State != RprocState.Running && IsBooting()) await Scheduler.DelayAsync(PollNs);
        if (rproc.State is RprocState.Running or RprocState.Crashed) return true;
        string last = _machine.Kernel.Log.Lines.LastOrDefault(line => line.Level == LogLevel.Error).Text ?? "the log says nothing";
        Find($"the image does not boot on this board: {last}");
        return false;
    }

    private bool IsBooting() => Scheduler.LiveTasks.Any(task => task.Name is "firmware_loading_work" or "wkup_m3_rproc_loader") ||
        (_consumer is { State: not KernelTaskState.Done } && Rproc.State == RprocState.Offline && _report.Findings.Count == 0);

    private async ValueTask TalkAsync()
    {
        foreach (RprocVdev vdev in Rproc.Vdevs)
        {
            if (vdev.DeviceId == RpmsgDeviceId) _exchanges.Add(new VdevExchange(vdev.Index, new MessageStream(_options.Messages)));
        }

        bool echoes = _program is not (PingProgram or NameServiceStormProgram);
        if (echoes && !await WaitAsync(() => _goodbyeCount >= _exchanges.Count || HasBrokenRing()))
            Find("the client sample got no answer for 5 s");
        if (_isInterrupted) return;
        Errno errno = await _machine.RmmodAsync(RpmsgClientSampleModule.ModuleName);
        if (errno != Errno.Ok) Find($"{RpmsgClientSampleModule.ModuleName} does not unload: {errno.Name()}");
        _machine.AddModule(new ExchangeModule(_machine.Kernel, _machine.RpmsgCore, _exchanges));
        await ModprobeAsync(ExchangeModule.ModuleName);
        if (_program is PingProgram ping)
        {
            long pings = (long)_options.Messages * _exchanges.Count;
            if (!await WaitAsync(() => ping.VerifiedCount + ping.MismatchCount >= pings))
                Find("the firmware's pings got no answer for 5 s");
            if (ping.MismatchCount > 0) Find($"{ping.MismatchCount} pings came back altered");
        }
        else if (!echoes)
        {
            await SettleAsync();
        }
        else
        {
            if (!await WaitAsync(() => IsExchangeOver() && HasCrashed())) FindWhatIsMissing();
        }

        FindBrokenRings();
    }

    private TtyBridge ConnectTerminals()
    {
        TtyBridge bridge = new(_machine);
        bridge.Connected += (tty, path) => TerminalConnected?.Invoke(tty, path);
        bridge.Failed += why => Find($"no terminal: {why}");
        return bridge;
    }

    /// <summary>Until it is interrupted, or there is nobody to talk to any more.</summary>
    private async ValueTask ServeTerminalsAsync()
    {
        while (!_isInterrupted && _report.Findings.Count == 0) await Scheduler.DelayAsync(PollNs);
        await _terminals!.CloseAsync();
    }

    private bool IsExchangeOver() => _exchanges.All(exchange => exchange.Stream.IsDone || IsBroken(exchange));

    /// <summary>Whether the crash that was asked for has come, and the channels are back.</summary>
    private bool HasCrashed() => _options.CrashAfter is null || (Rproc.CrashCount > 0 && !Rproc.Crash.IsBusy &&
        Rproc.State == RprocState.Running && _exchanges.All(exchange => exchange.Channel is not null || IsBroken(exchange)));

    private bool HasBrokenRing() => _exchanges.Exists(IsBroken);

    private bool IsBroken(VdevExchange exchange)
    {
        foreach (RprocVdev vdev in Rproc.Vdevs)
        {
            if (vdev.Index == exchange.VdevIndex) return vdev.Vrings.Any(vring => vring.Queue is { IsBroken: true });
        }

        return false;
    }

    private void FindBrokenRings()
    {
        foreach (RprocVdev vdev in Rproc.Vdevs)
        {
            foreach (RprocVring vring in vdev.Vrings)
            {
                if (vring.Queue is { IsBroken: true } queue) Find($"vdev {vdev.Index} vring {vring.Index} is broken: {queue.BrokenReason}");
            }
        }
    }

    private void FindBufferMisuse()
    {
        if (_machine.RpmsgBus.Ledger is not { } ledger) return;
        foreach (BufferFinding finding in ledger.Findings) Find(finding.Text);
        if (ledger.FindingCount > ledger.Findings.Count) Find($"{ledger.FindingCount - ledger.Findings.Count} more misuses of buffers");
        _report.BuffersTakenCount = ledger.TakenCount;
    }

    private void FindWhatIsMissing()
    {
        foreach (VdevExchange exchange in _exchanges)
        {
            MessageStream stream = exchange.Stream;
            if (!stream.IsDone && !IsBroken(exchange))
                Find($"vdev {exchange.VdevIndex}: {stream.VerifiedCount} of {stream.Target} messages came back, then none for 5 s");
        }

        if (HasCrashed()) return;
        Find(Rproc.CrashCount == 0 ? "the firmware did not crash"
            : Rproc.State == RprocState.Running ? "a channel did not come back after the crash"
            : $"the processor did not recover: it is {Rproc.State.Word()}");
    }

    /// <summary>Waits until something holds, as long as there is progress and nobody interrupts.</summary>
    /// <returns>False after 5 s without progress. True when interrupted: then nothing more is looked for.</returns>
    private async ValueTask<bool> WaitAsync(Func<bool> condition)
    {
        long progress = -1;
        long sinceNs = 0;
        while (!condition())
        {
            if (_isInterrupted) return true;
            long done = _exchanges.Sum(exchange => exchange.Stream.VerifiedCount) + ((_program as PingProgram)?.VerifiedCount ?? 0) +
                (_streams?.VerifiedCount ?? 0);
            if (done + _logCount != progress) (progress, sinceNs) = (done + _logCount, Scheduler.NowNs);
            else if (Scheduler.NowNs - sinceNs > NoAnswerNs) return false;
            Looked?.Invoke(_machine, _exchanges);
            Progressed?.Invoke(done, _exchanges.Sum(exchange => exchange.Stream.Target));
            await Scheduler.DelayAsync(PollNs);
        }

        return true;
    }

    /// <summary>Waits until the log has been quiet for a while: for firmware that is not talked to.</summary>
    private async ValueTask SettleAsync()
    {
        for (int count = -1; count != _logCount && !_isInterrupted;)
        {
            count = _logCount;
            await Scheduler.DelayAsync(20 * PollNs);
        }
    }

    private async ValueTask StopAsync()
    {
        if (_consumer is not null)
        {
            _consumerMayGo!.Complete();
            _ = await _consumer.Ended.WaitAsync(); // no timeout
        }

        if (_report.Boot != BootBy.Auto || !_report.HasBooted) return; // the consumer's driver stops it when it goes
        Errno errno = await new RprocSysfs(Rproc).WriteAsync("state", "stop");
        if (errno != Errno.Ok) Find($"stop: {errno.Name()}");
    }

    private void Find(string finding) => _report.Findings.Add(finding);
}
