using System;
using System.Buffers.Binary;
using System.Linq;
using System.Threading.Tasks;
using RemoteprocEmu.Board.Bench.Host;
using RemoteprocEmu.Board.Traffic;
using RemoteprocEmu.Cores.Programs;
using RemoteprocEmu.DriverModel.Log;
using RemoteprocEmu.Interop.OpenAmp;
using RemoteprocEmu.Platform;
using RemoteprocEmu.Platform.Memory;
using RemoteprocEmu.Platform.Tasks;
using RemoteprocEmu.Remoteproc;
using RemoteprocEmu.Remoteproc.Interfaces;
using RemoteprocEmu.Remoteproc.Lifecycle;
using RemoteprocEmu.Remoteproc.Platforms;
using RemoteprocEmu.Remoteproc.Vdevs;
using RemoteprocEmu.Rpmsg.Bus;
using RemoteprocEmu.Rpmsg.VirtioBackend;
using RemoteprocEmu.Virtio.Device;

namespace RemoteprocEmu.Board.Link;

/// <summary>The host of a link: the kernel of a machine whose remote processor is another process.</summary>
/// <remarks>
/// <code>
/// server   boots: the image is the resource table, loading it writes the table, starting it listens and accepts
/// client   attaches: the table is there, written by the process that was found
/// both     exchange numbered messages, recover from each crash, say goodbye, stop, unload, and look what is left
/// </code>
/// </remarks>
public sealed class LinkHost : IDisposable
{
    private const long PollNs = 1_000_000;
    private const long NoAnswerNs = 5_000_000_000;
    private const long GoodbyeNs = 2_000_000_000;
    private const long LookNs = 20_000_000; // between two looks at the whole
    private const int OneWayBurst = 32;
    private const int PolledBurst = 2048; // one look for whether the remote wants a kick, at the end of it or of the ring
    private const int LooksPerTurn = 64;
    private const string FirmwareName = "openamp.elf";

    private readonly LinkOptions _options;
    private readonly LinkMemory _memory;
    private readonly Machine _machine;
    private readonly VdevExchange _exchange;
    private readonly OneWayStream? _oneWay;
    private readonly LinkHostReport _report;
    private Virtqueue? _polled;
    private bool _endsPolling;
    private volatile bool _isInterrupted;

    /// <summary>Opens the shared memory and builds the machine; nothing runs yet.</summary>
    /// <param name="options">How the remote is met.</param>
    /// <param name="messages">Messages to exchange, each way.</param>
    /// <param name="isOneWay">Whether to send them only, to a remote that counts.</param>
    /// <exception cref="LinkException">The memory cannot be had.</exception>
    public LinkHost(LinkOptions options, long messages, bool isOneWay = false)
    {
        ArgumentNullException.ThrowIfNull(options);
        _options = options;
        _exchange = new VdevExchange(0, new MessageStream(messages));
        _oneWay = isOneWay ? new OneWayStream(messages) : null;
        _report = new LinkHostReport(_exchange.Stream, _oneWay);
        _memory = LinkMemory.Open(options.Places, LinkRole.Host, options.Side);
        DeviceAddress buffers = new(OpenAmpLayout.BuffersOffset);
        bool attaches = options.Side == LinkSide.Client;
        _machine = new Machine(new MachineOptions { IsVirtual = false }, new ProcessorOptions
        {
            Name = "openamp",
            Image = attaches ? default : OpenAmpLayout.BuildImage(),
            FirmwareName = FirmwareName,
            Core = scheduler => Core = new ProcessCore(scheduler, options, _memory.Memory),
            SharedMemories = [(new DeviceAddress(0), _memory.Memory)],
            ReservedMemory = [new ReservedMemory("vdev0buffer", buffers, new PhysicalAddress(buffers.Value), OpenAmpLayout.BuffersBytes)],
            StartsDetached = attaches,
            AttachOnRecovery = attaches,
            LiveTable = (new DeviceAddress(OpenAmpLayout.TableOffset), OpenAmpLayout.TableBytesMax),
        });
        Core!.Noted += text => _machine.Kernel.Log.Write(LogLevel.Info, $"openamp: {text}");
        _machine.Kernel.Log.LineWritten += line => LineWritten?.Invoke(line);
    }

    /// <summary>Called with each line of the kernel log, on the task that writes it.</summary>
    public event Action<LogLine>? LineWritten;

    /// <summary>Called now and then while messages pass: how many were exchanged, and how many there are to be.</summary>
    public event Action<long, long>? Progressed;

    /// <summary>The remote processor: the other process.</summary>
    public ProcessCore Core { get; private set; }

    /// <summary>Crashes of the remote so far. From any thread.</summary>
    public int CrashCount => _machine.Processors[0].Rproc?.CrashCount ?? 0;

    private Scheduler Scheduler => _machine.Scheduler;

    private Rproc Rproc => _machine.Processors[0].Rproc ?? throw new InvariantException("the processor's driver is loaded");

    private bool IsUp => Rproc.State is RprocState.Running or RprocState.Attached;

    /// <summary>Stops in order, at the next pause. From any thread.</summary>
    public void Interrupt()
    {
        _isInterrupted = true;
        Core.Interrupt();
    }

    /// <summary>Runs it all. Once.</summary>
    public LinkHostReport Run()
    {
        if (_options.Polls && LinkCores.Of(LinkRole.Host) is { } core)
        {
            using PinnedThread thread = new("openamp host", core);
            thread.Do(() => _machine.Run(RunAsync));
        }
        else
        {
            _machine.Run(RunAsync);
        }

        _report.WasInterrupted = _isInterrupted;
        _report.Log = _machine.Kernel.Log.Lines;
        return _report;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        Core.Dispose();
        _machine.Dispose();
        _memory.Dispose();
    }

    private async ValueTask RunAsync()
    {
        _machine.AddModule(new ExchangeModule(_machine.Kernel, _machine.RpmsgCore, [_exchange], _oneWay));
        foreach (string module in (string[])[VirtioRpmsgBusModule.ModuleName, ExchangeModule.ModuleName]) await ModprobeAsync(module);
        KernelTask? poller = _options.Polls ? Scheduler.Spawn("poll", PollAsync, Scheduler.Host, isDaemon: true) : null;
        await ModprobeAsync(_machine.Processors[0].Options.Driver);
        if (await BootAsync())
        {
            if (!await ExchangeAsync()) FindWhatIsMissing();
            await SayGoodbyeAsync();
        }

        await StopAsync();
        _endsPolling = true;
        if (poller is not null) _ = await poller.Ended.WaitAsync(); // no timeout
        _report.CrashCount = Rproc.CrashCount;
        _report.ActiveNs = _oneWay?.ActiveNs ?? _exchange.ActiveNs;
        _report.Kicks = Core.KickCounts;
        _report.Fault = Core.Fault;
        if (_report.Fault is { Kind: not LinkFaultKind.Interrupted } fault) Find(fault.Text);
        FindWhatIsWrong();
        Errno errno = await _machine.UnloadAllAsync();
        if (errno != Errno.Ok) Find($"{_machine.Kernel.Modules.Loaded[^1].Name} does not unload: {errno.Name()}");
        _report.Left = _machine.WhatIsLeft();
        foreach (string left in _report.Left) Find($"left behind: {left}");
    }

    private async ValueTask ModprobeAsync(string name)
    {
        Errno errno = await _machine.ModprobeAsync(name);
        if (errno != Errno.Ok) Find($"{name} does not load: {errno.Name()}");
    }

    /// <summary>Waits until the remote is up, or will not be.</summary>
    private async ValueTask<bool> BootAsync()
    {
        while (!IsUp && Scheduler.LiveTasks.Any(IsBooting)) await Scheduler.DelayAsync(PollNs);
        _report.HasBooted = IsUp;
        if (!IsUp && Core.Fault is null) Find("the remote does not boot: the log says why");
        return IsUp;
    }

    private static bool IsBooting(KernelTask task) =>
        task.Name == "firmware_loading_work" || task.Name.EndsWith(":attach_work", StringComparison.Ordinal);

    /// <summary>Waits until every message is back, as long as there is progress, or a peer to wait for.</summary>
    /// <returns>False after 5 s without progress, or when the remote is down for good. True when interrupted.</returns>
    private async ValueTask<bool> ExchangeAsync()
    {
        MessageStream stream = _exchange.Stream;
        long progress = -1, sinceNs = 0;
        while (!_report.IsDone && !_isInterrupted)
        {
            if (!IsUp && Rproc.State != RprocState.Crashed && !Rproc.Crash.IsBusy) return false;
            if (BrokenQueue() is not null) return false;
            if (Channel is { } channel) _report.Service = channel.Id;
            long passed = _oneWay?.SentCount ?? stream.VerifiedCount;
            long seen = passed + stream.ChannelCount;
            if (seen != progress || Core.IsWaiting) (progress, sinceNs) = (seen, Scheduler.NowNs);
            else if (Scheduler.NowNs - sinceNs > NoAnswerNs) return false;
            Progressed?.Invoke(passed, _report.Target);
            if (_oneWay?.Channel is not null) await SendForAWhileAsync(_oneWay);
            else await Scheduler.DelayAsync(PollNs);
        }

        return true;
    }

    private RpmsgDevice? Channel => _oneWay?.Channel ?? _exchange.Channel;

    /// <summary>Sends one way; who else runs on the host has a turn between two bursts.</summary>
    private async ValueTask SendForAWhileAsync(OneWayStream stream)
    {
        long untilNs = Scheduler.NowNs + LookNs;
        while (!stream.IsDone && stream.Channel is not null && Scheduler.NowNs < untilNs)
        {
            bool waits = _options.Polls ? SendTurn(stream) : stream.SendMore(OneWayBurst);
            if (waits && !_options.Polls) await stream.WaitForBufferAsync();
            else if (stream.SentCount == stream.Target && !_options.Polls) await Scheduler.DelayAsync(PollNs); // for the answer
            else await Scheduler.Point("stream");
        }
    }

    /// <summary>Sends until all are sent, or the ring is full, and looks for room for a while.</summary>
    private static bool SendTurn(OneWayStream stream)
    {
        bool waits = true;
        for (int look = 0; look < LooksPerTurn && waits; look++) waits = stream.SendMore(PolledBurst);
        return waits;
    }

    /// <summary>Ends OpenAMP's demo as its own host does, and waits until it hangs up.</summary>
    private async ValueTask SayGoodbyeAsync()
    {
        if (Channel is not { } channel) return;
        _report.Service = channel.Id;
        if (channel.Id != OpenAmpEchoProgram.ServiceName) return;
        Core.ExpectEnd();
        byte[] word = new byte[sizeof(uint)];
        BinaryPrimitives.WriteUInt32LittleEndian(word, OpenAmpEchoProgram.ShutdownWord);
        if (await channel.Endpoint!.SendAsync(word) != Errno.Ok) return; // the log has it
        for (long beginNs = Scheduler.NowNs; !Core.HasLeft && Scheduler.NowNs - beginNs < GoodbyeNs;) await Scheduler.DelayAsync(PollNs);
        if (!Core.HasLeft) _machine.Kernel.Log.Write(LogLevel.Warning, "openamp: the remote was sent the shutdown word and does not end");
    }

    private async ValueTask StopAsync()
    {
        await Rproc.Crash.FlushAsync();
        if (!IsUp) return;
        Errno errno = await new RprocSysfs(Rproc).WriteAsync("state", "stop");
        if (errno != Errno.Ok) Find($"stop: {errno.Name()}");
    }

    /// <summary>
    /// Takes the place of interrupts of the receiving ring: whatever was returned is seen here. They are switched off, so that the remote
    /// sends no kicks. On the sending ring they are off anyway, but while a sender sleeps.
    /// </summary>
    private async ValueTask PollAsync()
    {
        while (!_endsPolling)
        {
            if (_machine.Processors[0].Rproc is { } rproc)
            {
                foreach (RprocVdev vdev in rproc.Vdevs) await PollAsync(rproc, vdev.Vrings[0]);
            }

            await Scheduler.Point("poll");
        }
    }

    private async ValueTask PollAsync(Rproc rproc, RprocVring vring)
    {
        if (vring.Queue is not { IsBroken: false } queue) return;
        if (queue != _polled)
        {
            _polled = queue;
            queue.DisableCb();
        }

        if (queue.UsedCount > 0) _ = await rproc.VqInterruptAsync(vring.NotifyId); // as a mailbox: IRQ_NONE and IRQ_HANDLED are the same
    }

    private Virtqueue? BrokenQueue() =>
        Rproc.Vdevs.SelectMany(vdev => vdev.Vrings).FirstOrDefault(vring => vring.Queue is { IsBroken: true })?.Queue;

    private void FindWhatIsWrong()
    {
        MessageStream stream = _exchange.Stream;
        if (_oneWay is { IsDone: true } && _oneWay.WholeCount != _oneWay.Target)
            Find($"{_oneWay.WholeCount} of {_oneWay.Target} messages came whole and in order, {_oneWay.WrongCount} did not");
        if (stream.LostCount + stream.DuplicateCount + stream.DamagedCount == 0) return;
        Find($"{stream.LostCount} messages lost, {stream.DuplicateCount} doubled, {stream.DamagedCount} altered");
    }

    private void FindWhatIsMissing()
    {
        MessageStream stream = _exchange.Stream;
        if (!IsUp)
        {
            if (Core.Fault is null) Find($"the remote did not recover: it is {Rproc.State.Word()}");
        }
        else if (BrokenQueue() is { } queue)
        {
            Find($"{queue} is broken: {queue.BrokenReason}");
        }
        else if (_oneWay is not null)
        {
            Find(_oneWay.Channel is null ? $"the remote did not announce {CountProgram.ServiceName} for 5 s: it is to run the program count"
                : $"{_oneWay.SentCount} of {_oneWay.Target} messages were taken, then none for 5 s");
        }
        else if (stream.ChannelCount == 0)
        {
            Find($"the remote announced neither {OpenAmpEchoProgram.ServiceName} nor {EchoService.ServiceName} for 5 s");
        }
        else
        {
            Find($"{stream.VerifiedCount} of {stream.Target} messages came back, then none for 5 s");
        }
    }

    private void Find(string finding) => _report.Findings.Add(finding);
}
