using System;
using System.IO;
using System.Net.Sockets;
using System.Text;
using System.Threading;
using System.Threading.Tasks;
using RemoteprocEmu.Interop.OpenAmp;
using RemoteprocEmu.Platform;
using RemoteprocEmu.Platform.Doorbells;
using RemoteprocEmu.Platform.Tasks;

namespace RemoteprocEmu.Board.Link;

/// <summary>One end of a link's socket: comes together with the peer, carries kicks, and says when the peer is gone.</summary>
/// <remarks>
/// <code>
/// tasks of the processor that kicks                  the reading thread
///  ring Kicks      as often as they like              poll, receive up to 32 bytes
///  the task "kick" sends one byte 0x01 for all        0x01: onKick, once for all
///                  that was rung until it ran         end of file, or any other byte: onHangUp, once
/// </code>
/// So a burst costs one byte and one system call. Sending never waits: where the socket is full of kicks, the peer has one to read.
/// </remarks>
public sealed class LinkSocket : IDisposable
{
    private const byte Kick = 1;
    private const int ReceiveBytes = 32;
    private const int EndLine = 1024; // of Kicks; those below are notifyids, which the peer does not learn
    private const long PauseNsMax = 50_000_000;
    private const long PollNs = 1_000_000;

    private readonly Scheduler _scheduler;
    private readonly OpenAmpPlaces _places;
    private readonly LinkSide _side;
    private Socket? _listener;
    private Socket? _socket;
    private Thread? _reader;
    private KernelTask? _kicker;
    private volatile bool _hangsUp;
    private long _sentCount;
    private long _receivedCount;

    /// <summary>Creates an end that is not connected.</summary>
    /// <param name="scheduler">Whose tasks kick.</param>
    /// <param name="places">Where the peer is met.</param>
    /// <param name="side">Who waits for whom.</param>
    public LinkSocket(Scheduler scheduler, OpenAmpPlaces places, LinkSide side)
    {
        _scheduler = scheduler;
        _places = places;
        _side = side;
        Kicks = new Doorbell(scheduler, "link kicks", EndLine + 1);
    }

    /// <summary>Ring any line below 1024 to kick the peer.</summary>
    public Doorbell Kicks { get; }

    /// <summary>Whether there is a peer.</summary>
    public bool IsConnected => _socket is not null;

    /// <summary>Bytes sent and received, over all connections.</summary>
    public (long Sent, long Received) KickCounts => (Interlocked.Read(ref _sentCount), Interlocked.Read(ref _receivedCount));

    /// <summary>A server listens from here on: the table must be in place.</summary>
    /// <returns>Null, or why not.</returns>
    public LinkFault? Listen()
    {
        Invariant.Check(_side == LinkSide.Server && _listener is null, "a server listens once for each peer");
        string path = _places.SocketPath;
        if (FindPathFault(path) is { } fault) return fault;
        if (IsListenedOn(path)) return new(LinkFaultKind.Place, $"{path}: another process listens there: end it, or give another --dir");
        Socket listener = new(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified) { Blocking = false };
        try
        {
            File.Delete(path); // stale: nobody listens
            listener.Bind(new UnixDomainSocketEndPoint(path));
            File.SetUnixFileMode(path, UnixFileMode.UserRead | UnixFileMode.UserWrite); // before listen, so nobody else was let in
            listener.Listen(1);
            _listener = listener;
            return null;
        }
        catch (Exception exception) when (exception is SocketException or IOException or UnauthorizedAccessException)
        {
            listener.Dispose();
            string remedy = "remove it if it is left from another user, or give another --dir";
            return new(LinkFaultKind.Place, $"{path}: {exception.Message}: {remedy}");
        }
    }

    /// <summary>Waits for the peer: a server until it comes, a client until it listens.</summary>
    /// <param name="waitNs">How long, ns.</param>
    /// <param name="whyGiveUp">Asked each time: not null ends the wait.</param>
    /// <returns>Null, or why there is no peer.</returns>
    public async ValueTask<LinkFault?> ConnectAsync(long waitNs, Func<LinkFault?> whyGiveUp)
    {
        ArgumentNullException.ThrowIfNull(whyGiveUp);
        if (FindPathFault(_places.SocketPath) is { } fault) return fault;
        long beginNs = _scheduler.NowNs;
        for (long pauseNs = PollNs; ; pauseNs = _side == LinkSide.Server ? PollNs : Math.Min(2 * pauseNs, PauseNsMax))
        {
            _socket = _side == LinkSide.Server ? TryAccept() : TryConnect();
            if (_socket is not null)
            {
                _socket.Blocking = false;
                return null;
            }

            if (whyGiveUp() is { } reason) return reason;
            if (_scheduler.NowNs - beginNs >= waitNs)
            {
                string what = _side == LinkSide.Server ? "nobody has connected" : "nobody listens";
                return new(LinkFaultKind.NoPeer, $"{_places.SocketPath}: {what} for {waitNs / 1_000_000_000} s: start the peer, as the " +
                    $"{(_side == LinkSide.Server ? "client" : "server")} of the same place, or give a longer --wait");
            }

            await _scheduler.DelayAsync(pauseNs);
        }
    }

    /// <summary>Listens no longer, if it did.</summary>
    public void StopListening()
    {
        if (_listener is not { } listener) return;
        _listener = null;
        listener.Dispose(); // removes the file, too
        File.Delete(_places.SocketPath);
    }

    /// <summary>Lets kicks pass. Once for each peer.</summary>
    /// <param name="onKick">Called on a thread of its own: look at every ring.</param>
    /// <param name="onHangUp">
    /// Called there, once, when the peer hangs up by itself: null, or what it had sent. Not after <see cref="HangUpAsync"/>.
    /// </param>
    /// <param name="cpu">The processor that kicks.</param>
    public void Begin(Action onKick, Action<LinkFault?> onHangUp, Cpu cpu)
    {
        Socket socket = _socket ?? throw new InvariantException("kicks pass between two");
        _hangsUp = false;
        Kicks.Clear();
        _kicker = _scheduler.Spawn("kick", () => SendKicksAsync(socket), cpu, isDaemon: true);
        _reader = new Thread(() => Read(socket, onKick, onHangUp)) { IsBackground = true, Name = "link" };
        _reader.Start();
    }

    /// <summary>Ends the connection, if there is one. Nothing is called after this.</summary>
    public async ValueTask HangUpAsync()
    {
        if (_socket is not { } socket) return;
        _hangsUp = true;
        if (_kicker is { } kicker)
        {
            _ = Kicks.Ring(EndLine); // it has that line
            _ = await kicker.Ended.WaitAsync(); // no timeout
            _kicker = null;
        }

        Close(socket);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        StopListening();
        _hangsUp = true;
        if (_socket is { } socket) Close(socket);
    }

    private void Close(Socket socket)
    {
        try
        {
            socket.Shutdown(SocketShutdown.Both); // ends the reader's poll
        }
        catch (SocketException)
        {
            // The peer was faster: the reader has ended.
        }

        _reader?.Join();
        _reader = null;
        _socket = null;
        socket.Dispose();
    }

    private Socket? TryAccept()
    {
        if (!_listener!.Poll(0, SelectMode.SelectRead)) return null;
        Socket socket = _listener.Accept();
        StopListening(); // one peer
        return socket;
    }

    private Socket? TryConnect()
    {
        Socket socket = new(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        try
        {
            socket.Connect(new UnixDomainSocketEndPoint(_places.SocketPath));
            return socket;
        }
        catch (SocketException)
        {
            socket.Dispose();
            return null; // nobody is there yet
        }
    }

    private async ValueTask SendKicksAsync(Socket socket)
    {
        byte[] kick = [Kick];
        while (true)
        {
            _ = await Kicks.WaitAsync();
            bool isOver = false;
            while (Kicks.TryTake(out int line)) isOver |= line == EndLine;
            if (isOver) return;
            // Full, or the peer is gone: then it has kicks to read, or the reader knows.
            if (socket.Send(kick, SocketFlags.None, out _) == 1) _ = Interlocked.Increment(ref _sentCount);
        }
    }

    private void Read(Socket socket, Action onKick, Action<LinkFault?> onHangUp)
    {
        byte[] bytes = new byte[ReceiveBytes];
        while (!_hangsUp)
        {
            _ = socket.Poll(-1, SelectMode.SelectRead); // for as long as it takes
            int count = socket.Receive(bytes, SocketFlags.None, out SocketError error);
            if (error == SocketError.WouldBlock) continue;
            if (_hangsUp) return;
            int strange = error == SocketError.Success && count > 0 ? bytes.AsSpan(0, count).IndexOfAnyExcept(Kick) : -1;
            if (count <= 0 || error != SocketError.Success || strange >= 0)
            {
                onHangUp(strange < 0 ? null : Strangeness(bytes[strange], strange));
                return;
            }

            _ = Interlocked.Add(ref _receivedCount, count);
            onKick();
        }
    }

    private LinkFault Strangeness(byte value, int index) => new(LinkFaultKind.Peer, $"{_places.SocketPath}: byte 0x{value:x2} after " +
        $"{Interlocked.Read(ref _receivedCount) + index} kicks; a kick is 0x01: another program has connected, or the peer is broken");

    private static LinkFault? FindPathFault(string path)
    {
        int length = Encoding.UTF8.GetByteCount(path);
        if (length <= OpenAmpPlaces.SocketPathBytesMax) return null;
        string limit = $"a socket's path has at most {OpenAmpPlaces.SocketPathBytesMax}";
        return new(LinkFaultKind.Place, $"{path}: {length} bytes; {limit}: give a shorter --dir");
    }

    /// <summary>Without connecting, which a server of OpenAMP's would take for its peer. Source: proc(5), /proc/net/unix.</summary>
    private static bool IsListenedOn(string path)
    {
        const string AcceptsConnections = "00010000"; // __SO_ACCEPTCON
        foreach (string line in File.ReadLines("/proc/net/unix"))
        {
            string[] fields = line.Split(' ', 8, StringSplitOptions.RemoveEmptyEntries);
            if (fields.Length == 8 && fields[3] == AcceptsConnections && fields[7] == path) return true;
        }

        return false;
    }
}
