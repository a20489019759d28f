using System;
using System.Buffers.Binary;
using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using RemoteprocEmu.Platform.Memory;
using RemoteprocEmu.Rpmsg.Wire;
using RemoteprocEmu.Virtio.Ring;

namespace RemoteprocEmu.Rpmsg.VirtioBackend;

/// <summary>Messages that the host writes in place and sends together.</summary>
/// <remarks>
/// <code>
/// using RpmsgSendBatch batch = path.BeginBatch(endpoint);
/// while (HasMore() &amp;&amp; batch.TryReserve(out Span&lt;byte&gt; payload)) batch.Commit(Write(payload));
/// </code>
/// The remote sees what was committed when the batch is disposed, and before, each time that the buffers in hand are used up. Between
/// beginning and disposing nothing else of the host processor has a turn, so nothing is awaited.
/// </remarks>
public ref struct RpmsgSendBatch
{
    private readonly MessageSender _sender;
    private readonly ref VringReclaimed _reserved;
    private readonly ref VringBuffer _committed;
    private readonly RpmsgHeader _header; // but for the length
    private readonly bool _isBigEndian;
    private readonly int _bufferBytes;
    private readonly int _mtuBytes;
    private readonly nint _start;
    private readonly ulong _address;
    private int _next;
    private int _count;
    private bool _isReserved;

    internal RpmsgSendBatch(MessageSender sender, VringReclaimed[] reserved, VringBuffer[] committed, RpmsgHeader header,
        bool isBigEndian, MessageBuffers buffers, int next, int count)
    {
        _next = next;
        _count = count;
        _sender = sender;
        _reserved = ref MemoryMarshal.GetArrayDataReference(reserved);
        _committed = ref MemoryMarshal.GetArrayDataReference(committed);
        _header = header;
        _isBigEndian = isBigEndian;
        _bufferBytes = buffers.TxBytes;
        _mtuBytes = buffers.MtuBytes;
        _start = buffers.TxStart;
        _address = buffers.TxAddress(0).Value;
    }

    /// <summary>Reserves the next buffer; without <see cref="Commit"/> before, the same again.</summary>
    /// <param name="payload">Where the payload goes, MTU bytes; what an earlier message left is still there.</param>
    /// <returns>False when no buffer is free, the ring is broken, or the device is gone.</returns>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public bool TryReserve(out Span<byte> payload)
    {
        if (_next == _count)
        {
            _count = _sender.Refill(_next);
            _next = 0;
            if (_count == 0)
            {
                payload = default;
                return false;
            }
        }

        payload = HostBytes.At(StartOf(_next) + RpmsgHeader.SizeBytes, _mtuBytes);
        return _isReserved = true;
    }

    /// <summary>Sends the reserved buffer.</summary>
    /// <param name="lengthBytes">How much of its payload was written; may be 0.</param>
    /// <exception cref="InvalidOperationException">No buffer is reserved.</exception>
    /// <exception cref="ArgumentOutOfRangeException">Below 0, or above the MTU.</exception>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Commit(int lengthBytes)
    {
        if (!_isReserved) ThrowNothingReserved();
        if ((uint)lengthBytes > (uint)_mtuBytes) ThrowTooLong();
        ushort wireLength = _isBigEndian ? BinaryPrimitives.ReverseEndianness((ushort)lengthBytes) : (ushort)lengthBytes;
        BatchMemory.WriteHeader(StartOf(_next), _header, wireLength);
        int buffer = Unsafe.Add(ref _reserved, _next).Token; // SAFETY: below _count, which is at most the arrays' length
        uint messageBytes = (uint)(RpmsgHeader.SizeBytes + lengthBytes);
        Unsafe.Add(ref _committed, _next) = new VringBuffer(_address + (ulong)(uint)(_bufferBytes * buffer), messageBytes, buffer);
        _next++;
        _isReserved = false;
        if (lengthBytes > BatchMemory.LargeBytes && _next + BatchMemory.Ahead < _count)
            HostBytes.Prefetch(StartOf(_next + BatchMemory.Ahead), (int)messageBytes);
    }

    /// <summary>Sends a copy.</summary>
    /// <param name="payload">What to send; may be empty.</param>
    /// <returns>False as <see cref="TryReserve"/>.</returns>
    /// <exception cref="ArgumentException">It is longer than the MTU.</exception>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public bool TrySend(scoped ReadOnlySpan<byte> payload)
    {
        if (!TryReserve(out Span<byte> room)) return false;
        payload.CopyTo(room);
        Commit(payload.Length);
        return true;
    }

    /// <summary>Publishes what was committed, and kicks the remote if it wants that; buffers in hand are free, and wait for the next
    /// batch.</summary>
    public void Dispose()
    {
        _sender?.EndBatch(_next);
        this = default;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private readonly nint StartOf(int place) => _start + (nint)(uint)(_bufferBytes * Unsafe.Add(ref _reserved, place).Token);

    [DoesNotReturn]
    private static void ThrowNothingReserved() => throw new InvalidOperationException("no buffer is reserved");

    [DoesNotReturn]
    private static void ThrowTooLong() => throw new ArgumentOutOfRangeException("lengthBytes", "longer than the MTU");
}
