using System;
using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using RemoteprocEmu.Platform.Memory;
using RemoteprocEmu.Rpmsg.Wire;
using RemoteprocEmu.Virtio.Ring;

namespace RemoteprocEmu.Rpmsg.Remote;

/// <summary>Messages that the remote writes in place and sends together.</summary>
/// <remarks>
/// <code>
/// using RemoteSendBatch batch = endpoint.BeginBatch();
/// while (HasMore() &amp;&amp; batch.TryReserve(out Span&lt;byte&gt; payload)) batch.Commit(Write(payload));
/// </code>
/// The driver sees what was committed when the batch is disposed, and before, each time that the buffers in hand are used up.
/// </remarks>
public ref struct RemoteSendBatch
{
    private readonly RemoteRpmsg _remote;
    private readonly ref VringTaken _reserved;
    private readonly ref VringReturned _committed;
    private readonly RpmsgHeader _header; // but for the length
    private int _next;
    private int _count;
    private bool _isReserved;

    internal RemoteSendBatch(RemoteRpmsg remote, VringTaken[] reserved, VringReturned[] committed, RpmsgHeader header, int next, int count)
    {
        _remote = remote;
        _reserved = ref MemoryMarshal.GetArrayDataReference(reserved);
        _committed = ref MemoryMarshal.GetArrayDataReference(committed);
        _header = header;
        _next = next;
        _count = count;
    }

    /// <summary>Reserves the next buffer; without <see cref="Commit"/> before, the same again.</summary>
    /// <param name="payload">Where the payload goes, as long as the buffer allows; what an earlier message left is still there.</param>
    /// <returns>False when the driver has lent no buffer, or none can be had at all: no driver, or the ring is broken. It has been asked
    /// for a kick when it lends one.</returns>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public bool TryReserve(out Span<byte> payload)
    {
        if (_next == _count)
        {
            _count = _remote.Refill(_next);
            _next = 0;
            if (_count == 0)
            {
                payload = default;
                return false;
            }
        }

        ref VringTaken buffer = ref Unsafe.Add(ref _reserved, _next); // SAFETY: below _count, which is at most the array's length
        payload = HostBytes.At(buffer.Start + RpmsgHeader.SizeBytes, RoomOf(buffer));
        return _isReserved = true;
    }

    /// <summary>Sends the reserved buffer.</summary>
    /// <param name="lengthBytes">How much of its payload was written.</param>
    /// <exception cref="InvalidOperationException">No buffer is reserved.</exception>
    /// <exception cref="ArgumentOutOfRangeException">More than the payload had room for.</exception>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Commit(int lengthBytes)
    {
        if (!_isReserved) ThrowNothingReserved();
        ref VringTaken buffer = ref Unsafe.Add(ref _reserved, _next);
        if ((uint)lengthBytes > (uint)RoomOf(buffer)) ThrowTooLong();
        BatchMemory.WriteHeader(buffer.Start, _header, (ushort)lengthBytes);
        Unsafe.Add(ref _committed, _next) = new VringReturned(buffer.Head, (uint)(RpmsgHeader.SizeBytes + lengthBytes));
        _next++;
        _isReserved = false;
        if (lengthBytes > BatchMemory.LargeBytes && _next + BatchMemory.Ahead < _count)
            HostBytes.Prefetch(Unsafe.Add(ref _reserved, _next + BatchMemory.Ahead).Start, RpmsgHeader.SizeBytes + lengthBytes);
    }

    /// <summary>Sends a copy.</summary>
    /// <param name="payload">What to send; may be empty.</param>
    /// <returns>False as <see cref="TryReserve"/>.</returns>
    /// <exception cref="ArgumentException">It is longer than a buffer has room for.</exception>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public bool TrySend(scoped ReadOnlySpan<byte> payload)
    {
        if (!TryReserve(out Span<byte> room)) return false;
        payload.CopyTo(room);
        Commit(payload.Length);
        return true;
    }

    /// <summary>Publishes what was committed, and rings the driver if it wants that; buffers in hand wait for the next batch.</summary>
    public void Dispose()
    {
        _remote?.EndBatch(_next);
        this = default;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static int RoomOf(in VringTaken buffer) => (int)Math.Min(buffer.LengthBytes - RpmsgHeader.SizeBytes, ushort.MaxValue);

    [DoesNotReturn]
    private static void ThrowNothingReserved() => throw new InvalidOperationException("no buffer is reserved");

    [DoesNotReturn]
    private static void ThrowTooLong() => throw new ArgumentOutOfRangeException("lengthBytes", "more than the buffer has room for");
}
