using System;
using System.Diagnostics;
using System.Threading.Tasks;
using RemoteprocEmu.Board.Bench.Host;
using RemoteprocEmu.Cores.Scripted;
using RemoteprocEmu.Interop.OpenAmp;
using RemoteprocEmu.Platform;
using RemoteprocEmu.Platform.Memory;
using RemoteprocEmu.Platform.RemoteCores;
using RemoteprocEmu.Platform.Tasks;

namespace RemoteprocEmu.Board.Link;

/// <summary>A remote processor that is another process: it is met over a socket, and shares its memory with us.</summary>
/// <remarks>
/// <code>
/// operation   server                                      client
/// prepare                                                 start the command, connect, judge the table
/// start       listen, start the command, accept           EINVAL: who wrote the table booted already
/// attach      EINVAL: nobody is there                     let kicks pass
/// stop        hang up; end the command                    hang up; end the command
/// detach                                                  hang up: it goes on, on its own
/// unprepare                                               hang up
/// </code>
/// A peer that hangs up by itself has crashed, whatever became of its process. The next start starts the command anew, or, without one,
/// waits for whoever comes.
/// </remarks>
public sealed class ProcessCore : IRemoteCore, IDisposable
{
    private const long EndNs = 2_000_000_000; // for a command that was hung up on to end by itself
    private const long PollNs = 1_000_000;

    private readonly Scheduler _scheduler;
    private readonly LinkOptions _options;
    private readonly SharedMemory _memory;
    private readonly LinkSocket _socket;
    private readonly Func<LinkFault?> _whyGiveUp;
    private Process? _process;
    private LinkFault? _strangeness; // what the peer sent; written by the reading thread before it rings the crash line
    private volatile bool _isLeaving;
    private volatile bool _hasHungUp;
    private volatile bool _isInterrupted;

    /// <summary>Creates a core in reset.</summary>
    /// <param name="scheduler">Whose tasks call it.</param>
    /// <param name="options">How the peer is met.</param>
    /// <param name="memory">The shared memory, as the peer maps it.</param>
    public ProcessCore(Scheduler scheduler, LinkOptions options, SharedMemory memory)
    {
        ArgumentNullException.ThrowIfNull(options);
        _scheduler = scheduler;
        _options = options;
        _memory = memory;
        _socket = new LinkSocket(scheduler, options.Places, options.Side);
        _whyGiveUp = WhyGiveUp;
    }

    /// <summary>Called on tasks of the host, with what a person wants to know.</summary>
    public event Action<string>? Noted;

    /// <summary>What was wrong with a peer, or else with the places, last; null for nothing. A hang-up alone is none.</summary>
    public LinkFault? Fault { get; private set; }

    /// <summary>Whether it waits for a peer now.</summary>
    public bool IsWaiting { get; private set; }

    /// <summary>Whether a peer that was asked to end has hung up.</summary>
    public bool HasLeft => _isLeaving && _hasHungUp;

    /// <summary>Kicks sent and received.</summary>
    public (long Sent, long Received) KickCounts => _socket.KickCounts;

    /// <summary>From here on no wait for a peer lasts. From any thread.</summary>
    public void Interrupt() => _isInterrupted = true;

    /// <summary>From here on, until the next start, a peer that hangs up has not crashed: it was asked to end.</summary>
    public void ExpectEnd() => _isLeaving = true;

    /// <inheritdoc/>
    public async ValueTask<Errno> PrepareAsync()
    {
        if (_options.Side == LinkSide.Server) return Errno.Ok;
        Errno errno = await MeetAsync();
        if (errno != Errno.Ok) return errno;
        if (OpenAmpTableCheck.FindFault(_memory.Slice(0, OpenAmpLayout.MemoryBytes)) is not { } fault) return Errno.Ok;
        errno = Fail(new(LinkFaultKind.Peer, $"{_options.Places.MemoryPath}: {fault}"));
        await EndAsync();
        return errno;
    }

    /// <inheritdoc/>
    public ValueTask UnprepareAsync() => _socket.HangUpAsync();

    /// <inheritdoc/>
    public async ValueTask<Errno> StartAsync(CoreStart start)
    {
        if (_options.Side != LinkSide.Server) return Errno.EINVAL;
        Errno errno = await MeetAsync();
        if (errno == Errno.Ok) Begin(start);
        return errno;
    }

    /// <inheritdoc/>
    public ValueTask<Errno> AttachAsync(CoreStart start)
    {
        if (!_socket.IsConnected) return ValueTask.FromResult(Errno.EINVAL);
        Begin(start);
        return ValueTask.FromResult(Errno.Ok);
    }

    /// <inheritdoc/>
    public async ValueTask<Errno> StopAsync()
    {
        NoteHangUp();
        await EndAsync();
        return Errno.Ok;
    }

    /// <inheritdoc/>
    public async ValueTask<Errno> DetachAsync()
    {
        NoteHangUp();
        await _socket.HangUpAsync();
        return Errno.Ok;
    }

    /// <inheritdoc/>
    public void Kick(int notifyId) => _ = _socket.Kicks.Ring(0); // the byte names no ring

    /// <inheritdoc/>
    public void Dispose()
    {
        _socket.Dispose();
        Kill();
    }

    /// <summary>Comes together with the next peer.</summary>
    private async ValueTask<Errno> MeetAsync()
    {
        await EndAsync(); // what is left of the one before
        _isLeaving = false;
        IsWaiting = true;
        LinkFault? fault = _options.Side == LinkSide.Server ? _socket.Listen() : null;
        if (fault is null)
        {
            StartCommand();
            Noted?.Invoke($"{(_options.Side == LinkSide.Server ? "listens at" : "looks for")} {_options.Places.SocketPath}");
            fault = await _socket.ConnectAsync(_options.WaitNs, _whyGiveUp);
        }

        IsWaiting = false;
        if (fault is null)
        {
            Noted?.Invoke($"a peer has come{(_process is { } process ? $": process {process.Id}" : "")}");
            return Errno.Ok;
        }

        _socket.StopListening();
        await EndAsync();
        return Fail(fault);
    }

    private void Begin(CoreStart start)
    {
        _hasHungUp = false;
        _strangeness = null;
        int receive = (int)OpenAmpLayout.NotifyIdOf(_memory.Slice(0, OpenAmpLayout.MemoryBytes), 0);
        int send = (int)OpenAmpLayout.NotifyIdOf(_memory.Slice(0, OpenAmpLayout.MemoryBytes), 1);
        _socket.Begin(
            onKick: () => // a doorbell without that line stays silent: the table was judged
            {
                _ = start.HostDoorbell.Ring(receive);
                _ = start.HostDoorbell.Ring(send);
            },
            onHangUp: strangeness =>
            {
                _strangeness = strangeness;
                _hasHungUp = true;
                if (!_isLeaving) _ = start.CrashLine.Ring((int)CoreFaultKind.FatalError); // it has that line
            },
            _scheduler.Host);
    }

    private void NoteHangUp()
    {
        if (!_hasHungUp || _isLeaving) return;
        if (_strangeness is { } strangeness) _ = Fail(strangeness);
        else Noted?.Invoke("the peer has hung up");
    }

    private LinkFault? WhyGiveUp()
    {
        if (_isInterrupted) return new(LinkFaultKind.Interrupted, "interrupted");
        if (_process is not { HasExited: true } process) return null;
        return new(LinkFaultKind.NoPeer, $"{_options.Command}: ended with {process.ExitCode} before it connected");
    }

    private void StartCommand()
    {
        if (_options.Command is not { } command) return;
        ProcessStartInfo info = new("/bin/sh") { UseShellExecute = false };
        info.ArgumentList.Add("-c");
        info.ArgumentList.Add($"exec 1>&2; {command}"); // our output is ours alone
        _process = HostThreads.Unpinned(() => Process.Start(info)); // a child has the cores of the thread that starts it
    }

    /// <summary>Hangs up, and ends the command: one that does not end by itself, or has crashed, is killed.</summary>
    private async ValueTask EndAsync()
    {
        await _socket.HangUpAsync();
        if (_process is not { } process) return;
        bool hasCrashed = _hasHungUp && !_isLeaving;
        long untilNs = hasCrashed ? 0 : _scheduler.NowNs + EndNs;
        while (!process.HasExited && _scheduler.NowNs < untilNs) await _scheduler.DelayAsync(PollNs);
        Kill();
    }

    private void Kill()
    {
        if (_process is not { } process) return;
        _process = null;
        if (!process.HasExited) process.Kill(entireProcessTree: true);
        process.WaitForExit();
        process.Dispose();
    }

    private Errno Fail(LinkFault fault)
    {
        if (Fault is not { Kind: LinkFaultKind.Peer }) Fault = fault; // that nobody came after it says less
        Noted?.Invoke(fault.Text);
        return fault.Kind switch
        {
            LinkFaultKind.Peer => Errno.EINVAL,
            LinkFaultKind.NoPeer => Errno.ETIMEDOUT,
            LinkFaultKind.Interrupted => Errno.EINTR,
            _ => Errno.EBUSY,
        };
    }
}
