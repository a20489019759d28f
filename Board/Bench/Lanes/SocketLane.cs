using System;
using System.IO;
using System.Net;
using System.Net.Sockets;
using System.Runtime.CompilerServices;
using System.Threading;

namespace RemoteprocEmu.Board.Bench.Lanes;

/// <summary>Sockets as between two programs: blocking; on a stream a batch a call, as datagrams a message a call.</summary>
/// <remarks>
/// Datagrams on the loopback interface are dropped where the receiver's buffer is full. So that none is, no more are under way than a ring
/// of the case would hold; the receiver says in memory how many it has read.
/// </remarks>
internal static class SocketLane
{
    private const int StallMs = 10_000;
    private const int BufferBytes = 1 << 20;

    /// <summary>A connected pair of stream sockets of the Unix domain.</summary>
    public static (Socket Sender, Socket Receiver) NewUnixPair()
    {
        string folder = Directory.CreateTempSubdirectory("rproc-bench-").FullName;
        try
        {
            UnixDomainSocketEndPoint address = new(Path.Combine(folder, "s"));
            using Socket listener = new(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
            listener.Bind(address);
            listener.Listen(1);
            Socket sender = new(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
            sender.Connect(address);
            return (Bound(sender), Bound(listener.Accept()));
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    /// <summary>A connected pair of datagram sockets on the loopback interface.</summary>
    public static (Socket Sender, Socket Receiver) NewUdpPair()
    {
        Socket sender = new(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp);
        Socket receiver = new(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp);
        sender.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        receiver.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        sender.Connect(receiver.LocalEndPoint!);
        receiver.Connect(sender.LocalEndPoint!);
        return (Bound(sender), Bound(receiver));
    }

    private static Socket Bound(Socket socket)
    {
        socket.SendBufferSize = socket.ReceiveBufferSize = BufferBytes;
        socket.SendTimeout = socket.ReceiveTimeout = StallMs;
        return socket;
    }

    /// <summary>Messages under way, for both halves.</summary>
    public sealed class Window
    {
        private long _read;

        /// <summary>Messages that the receiver has read.</summary>
        public ref long Read => ref _read;
    }

    /// <summary>The sending half of a stream.</summary>
    public readonly struct StreamWriter(Socket socket, BenchCase benchCase) : ISendHalf
    {
        private readonly byte[] _bytes = new byte[benchCase.Batch * benchCase.PayloadBytes];
        private readonly int _payloadBytes = benchCase.PayloadBytes;

        /// <inheritdoc/>
        public long KickCount => 0;

        /// <inheritdoc/>
        public int TrySend(ulong first, int count)
        {
            for (int i = 0; i < count; i++) Payload.Write(ref _bytes[i * _payloadBytes], _payloadBytes, first + (uint)i);
            ReadOnlySpan<byte> rest = _bytes.AsSpan(0, count * _payloadBytes);
            while (!rest.IsEmpty) rest = rest[socket.Send(rest)..];
            return count;
        }

        /// <inheritdoc/>
        public bool TryArm() => false;

        /// <inheritdoc/>
        public void Disarm() { }
    }

    /// <summary>The receiving half of a stream.</summary>
    public struct StreamReader(Socket socket, BenchCase benchCase) : IReceiveHalf
    {
        private readonly byte[] _bytes = new byte[benchCase.Batch * benchCase.PayloadBytes];
        private readonly int _payloadBytes = benchCase.PayloadBytes;
        private int _got;

        /// <inheritdoc/>
        public readonly long KickCount => 0;

        /// <inheritdoc/>
        public int TryReceive(ulong first, int countMax)
        {
            _got += socket.Receive(_bytes.AsSpan(_got, (countMax * _payloadBytes) - _got));
            int count = _got / _payloadBytes;
            for (int i = 0; i < count; i++)
            {
                if (!Payload.Is(ref _bytes[i * _payloadBytes], _payloadBytes, first + (uint)i)) Payload.ThrowWrong(first + (uint)i);
            }

            int rest = _got - (count * _payloadBytes); // a message that has come in part
            if (rest > 0) _bytes.AsSpan(count * _payloadBytes, rest).CopyTo(_bytes);
            _got = rest;
            return count;
        }

        /// <inheritdoc/>
        public readonly bool TryArm() => false;

        /// <inheritdoc/>
        public readonly void Disarm() { }
    }

    /// <summary>The sending half of datagrams.</summary>
    public readonly struct DatagramWriter(Socket socket, Window window, BenchCase benchCase) : ISendHalf
    {
        private readonly byte[] _bytes = new byte[benchCase.PayloadBytes];
        private readonly int _ring = benchCase.Ring;

        /// <inheritdoc/>
        public long KickCount => 0;

        /// <inheritdoc/>
        public int TrySend(ulong first, int count)
        {
            int room = int.Min(count, _ring - (int)((long)first - Volatile.Read(ref window.Read)));
            for (int i = 0; i < room; i++)
            {
                Payload.Write(ref _bytes[0], _bytes.Length, first + (uint)i);
                _ = socket.Send(_bytes); // a datagram goes whole
            }

            return room;
        }

        /// <inheritdoc/>
        public bool TryArm() => false;

        /// <inheritdoc/>
        public void Disarm() { }
    }

    /// <summary>The receiving half of datagrams.</summary>
    public readonly struct DatagramReader(Socket socket, Window window, BenchCase benchCase) : IReceiveHalf
    {
        private readonly byte[] _bytes = new byte[benchCase.PayloadBytes];

        /// <inheritdoc/>
        public long KickCount => 0;

        /// <inheritdoc/>
        [MethodImpl(MethodImplOptions.NoInlining)]
        public int TryReceive(ulong first, int countMax)
        {
            if (countMax == 0) return 0;
            bool isWhole = socket.Receive(_bytes) == _bytes.Length;
            if (!isWhole || !Payload.Is(ref _bytes[0], _bytes.Length, first)) Payload.ThrowWrong(first);
            Volatile.Write(ref window.Read, (long)first + 1);
            return 1;
        }

        /// <inheritdoc/>
        public bool TryArm() => false;

        /// <inheritdoc/>
        public void Disarm() { }
    }
}
