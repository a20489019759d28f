using System;
using System.Threading;
using System.Threading.Tasks;
using RemoteprocEmu.Board.Bench.Host;
using RemoteprocEmu.Cores.Programs;
using RemoteprocEmu.Cores.Scripted;
using RemoteprocEmu.Interop.OpenAmp;
using RemoteprocEmu.Platform;
using RemoteprocEmu.Platform.Doorbells;
using RemoteprocEmu.Platform.Memory;
using RemoteprocEmu.Platform.RemoteCores;
using RemoteprocEmu.Platform.Tasks;
using RemoteprocEmu.Virtio.Device;

namespace RemoteprocEmu.Board.Link;

/// <summary>The remote of a link: a scripted core that serves the host in another process, and the next one when that vanishes.</summary>
/// <remarks>
/// It ends when its program was ended by the host, or when a host has reset the device and hung up. A host that hangs up otherwise was
/// killed. A program that crashes hangs up on its host, which is how a link tells of a crash; it boots anew for the host that comes then.
/// </remarks>
public sealed class LinkRemote : IDisposable
{
    private const long PollNs = 1_000_000;
    private const int CrashTypeCount = 16;

    private readonly LinkOptions _options;
    private readonly LinkMemory _memory;
    private readonly ThreadedScheduler _scheduler = new();
    private readonly LinkSocket _socket;
    private readonly RemoteMemory _remoteMemory;
    private readonly ScriptedCore _core;
    private readonly RemoteProgram _program;
    private readonly LinkRemoteReport _report = new();
    private readonly Doorbell _crashLine;
    private LinkFault? _strangeness; // written by the reading thread before _hasHungUp
    private volatile bool _hasHungUp;
    private volatile bool _isInterrupted;

    /// <summary>Opens the shared memory; nothing runs yet.</summary>
    /// <param name="options">How the host is met.</param>
    /// <param name="program">What the core runs.</param>
    /// <exception cref="LinkException">The memory cannot be had.</exception>
    public LinkRemote(LinkOptions options, RemoteProgram program)
    {
        ArgumentNullException.ThrowIfNull(options);
        _options = options;
        _program = program;
        _memory = LinkMemory.Open(options.Places, LinkRole.Remote, options.Side);
        _socket = new LinkSocket(_scheduler, options.Places, options.Side);
        PhysicalMemory physical = new();
        physical.Add(new MemoryBank("openamp.shm", new PhysicalAddress(0), _memory.Memory));
        _remoteMemory = new RemoteMemory(physical, new AddressMap(), iommu: null, reachesBus: true);
        _core = new ScriptedCore(_scheduler, "openamp", program) { ReturnsWholeBuffers = true, Polls = options.Polls };
        _crashLine = new Doorbell(_scheduler, "openamp crash", CrashTypeCount);
    }

    /// <summary>Called with what a person wants to know.</summary>
    public event Action<string>? Noted;

    /// <summary>Ends in order, soon. From any thread.</summary>
    public void Interrupt() => _isInterrupted = true;

    /// <summary>Serves hosts until one says that it is over. Once.</summary>
    public LinkRemoteReport Run()
    {
        _scheduler.Run(ServeAsync);
        _report.Traffic = _core.GetVdevCounters(0);
        _report.Kicks = _socket.KickCounts;
        _report.WasInterrupted = _isInterrupted;
        if (_report.Fault is { Kind: not LinkFaultKind.Interrupted } fault) _report.Findings.Add(fault.Text);
        return _report;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _socket.Dispose();
        _scheduler.Dispose();
        _memory.Dispose();
    }

    private async ValueTask ServeAsync()
    {
        if (_options.Polls && LinkCores.Of(LinkRole.Remote) is { } core)
        {
            KernelTask pin = _scheduler.Spawn("pin", () => Pin(core), _core.Cpu);
            _ = await pin.Ended.WaitAsync(); // no timeout
        }

        bool isOver = false;
        while (!isOver)
        {
            if (await MeetAsync() is { } fault)
            {
                _report.Fault = fault;
                Noted?.Invoke(fault.Text);
                break;
            }

            _report.HostCount++;
            Noted?.Invoke("a host has come");
            isOver = await ServeOneAsync();
        }

        await _socket.HangUpAsync();
        _socket.StopListening();
    }

    private static ValueTask Pin(int core)
    {
        _ = HostThreads.TryPin(core); // without, it is slower
        return ValueTask.CompletedTask;
    }

    private async ValueTask<LinkFault?> MeetAsync()
    {
        LinkFault? fault = null;
        if (_options.Side == LinkSide.Server)
        {
            _memory.Memory.Slice(0, OpenAmpLayout.TableBytesMax).Clear();
            OpenAmpLayout.BuildTable().CopyTo(_memory.Memory.Slice(OpenAmpLayout.TableOffset, OpenAmpLayout.TableBytes));
            fault = _socket.Listen();
        }

        if (fault is not null) return fault;
        Noted?.Invoke($"{(_options.Side == LinkSide.Server ? "listens at" : "looks for")} {_options.Places.SocketPath}");
        fault = await _socket.ConnectAsync(_options.WaitNs, () => _isInterrupted ? new(LinkFaultKind.Interrupted, "interrupted") : null);
        if (fault is not null || _options.Side == LinkSide.Server) return fault;
        string? wrong = OpenAmpTableCheck.FindFault(_memory.Memory.Slice(0, OpenAmpLayout.MemoryBytes));
        return wrong is null ? null : new(LinkFaultKind.Peer, $"{_options.Places.MemoryPath}: {wrong}");
    }

    /// <summary>Runs the program for one host.</summary>
    /// <returns>Whether it was the last one.</returns>
    private async ValueTask<bool> ServeOneAsync()
    {
        _hasHungUp = false;
        _strangeness = null;
        _crashLine.Clear();
        _socket.Begin(onKick: () => _core.Kick(0), onHangUp: OnHangUp, _core.Cpu); // whatever rings: the program looks at all
        CoreStart start = new(BootAddress: 0, _remoteMemory, new DeviceAddress(OpenAmpLayout.TableOffset), OpenAmpLayout.TableBytesMax,
            _socket.Kicks, _crashLine);
        Errno errno = await _core.StartAsync(start);
        Invariant.Check(errno == Errno.Ok, "a core that was stopped starts");
        bool hasCrashed = false, hadDriver = false;
        while (!_hasHungUp && !_isInterrupted && !HasEnded && !hasCrashed)
        {
            await _scheduler.DelayAsync(PollNs);
            hasCrashed = _crashLine.TryTake(out _);
            hadDriver |= IsDriverOk;
        }

        hadDriver |= _core.FindRpmsg(0) is { LinkCount: > 0 };
        _ = await _core.StopAsync(); // always Ok
        await _socket.HangUpAsync();
        if (hasCrashed)
        {
            _report.CrashCount++;
            Noted?.Invoke($"the program has crashed: {_core.LastFault?.Message}");
            return false;
        }

        if (_isInterrupted || HasEnded) return true;
        if (_strangeness is { } strangeness)
        {
            _report.Fault = strangeness;
            Noted?.Invoke(strangeness.Text);
            return true;
        }

        bool isOver = hadDriver && !IsDriverOk;
        if (!isOver) _report.LostHostCount++;
        Noted?.Invoke(isOver ? "the host has reset the device and hung up" : "the host has vanished");
        return isOver;
    }

    private bool IsDriverOk =>
        ((VirtioStatus)Volatile.Read(ref _memory.Memory.Slice(OpenAmpLayout.StatusOffset, 1)[0]) & VirtioStatus.DriverOk) != 0;

    private bool HasEnded => _program is OpenAmpEchoProgram { HasEnded: true };

    private void OnHangUp(LinkFault? strangeness)
    {
        _strangeness = strangeness;
        _hasHungUp = true;
    }
}
