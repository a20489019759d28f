using System;
using RemoteprocEmu.Platform.Doorbells;
using RemoteprocEmu.Virtio.Ring;

namespace RemoteprocEmu.Board.Bench.Lanes;

/// <summary>Messages over a virtqueue alone: one buffer each, no header, no endpoint. Buffers are written and read in place.</summary>
/// <remarks>
/// <code>
/// to the remote   driver offers full buffers      device reads them, returns them
/// to the host     driver offers empty buffers     device fills them, returns them; driver reads them, offers them again
/// </code>
/// The queue is in memory with its buffers, 512 bytes each, and a device address is an offset into that memory.
/// </remarks>
internal static unsafe class RingHalves
{
    /// <summary>Size of a buffer, bytes: rpmsg's.</summary>
    public const int BufferBytes = 512;

    private static void Check(RingStatus status)
    {
        if (status is not (RingStatus.Ok or RingStatus.Empty)) throw new BenchFailureException($"the ring says {status}");
    }

    /// <summary>The driver, sending.</summary>
    /// <param name="queue">The queue.</param>
    /// <param name="memory">What addresses are offsets into.</param>
    /// <param name="buffers">Offset of the first buffer.</param>
    /// <param name="benchCase">The case.</param>
    /// <param name="bell">Rung for the device; null where it looks by itself.</param>
    public struct DriverSend<TQueue>(TQueue queue, nint memory, int buffers, BenchCase benchCase, EventFd? bell) : ISendHalf
        where TQueue : struct, IDriverQueue
    {
        private readonly VringBuffer[] _offers = new VringBuffer[benchCase.Batch];
        private readonly VringReclaimed[] _reclaimed = new VringReclaimed[benchCase.Ring];
        private readonly int _payloadBytes = benchCase.PayloadBytes;
        private readonly int _mask = benchCase.Ring - 1;
        private uint _taken;                                // buffers come back in the order in which they went: the next is free
        private uint _free = (uint)benchCase.Ring;

        /// <inheritdoc/>
        public long KickCount { get; private set; }

        /// <inheritdoc/>
        public int TrySend(ulong first, int count)
        {
            if ((int)(_free - _taken) < count)
            {
                Check(queue.TryReclaim(_reclaimed, out int back));
                for (int i = 0; i < back; i++)
                {
                    bool isNext = _reclaimed[i].Token == ((int)(_free + (uint)i) & _mask);
                    if (!isNext) throw new BenchFailureException("buffers come back out of order");
                }

                _free += (uint)back;
            }

            int room = int.Min(count, (int)(_free - _taken));
            if (room == 0) return 0;
            for (int i = 0; i < room; i++)
            {
                int buffer = (int)(_taken + (uint)i) & _mask;
                int offset = buffers + (buffer * BufferBytes);
                Payload.Write(ref *(byte*)(memory + offset), _payloadBytes, first + (uint)i);
                _offers[i] = new VringBuffer((ulong)offset, (uint)_payloadBytes, buffer);
            }

            _taken += (uint)room;
            queue.Offer(_offers.AsSpan(0, room), writable: false);
            queue.Publish();
            if (bell is not null && queue.ShouldKick())
            {
                bell.Ring();
                KickCount++;
            }

            return room;
        }

        /// <inheritdoc/>
        public readonly bool TryArm() => !queue.ArmInterrupt();

        /// <inheritdoc/>
        public readonly void Disarm() => queue.DisarmInterrupt();
    }

    /// <summary>The device, receiving.</summary>
    /// <inheritdoc cref="DriverSend{TQueue}"/>
    public struct DeviceReceive<TQueue>(TQueue queue, BenchCase benchCase, EventFd? bell) : IReceiveHalf where TQueue : struct, IDeviceQueue
    {
        private readonly VringTaken[] _taken = new VringTaken[benchCase.Batch];
        private readonly VringReturned[] _returned = new VringReturned[benchCase.Batch];
        private readonly int _payloadBytes = benchCase.PayloadBytes;

        /// <inheritdoc/>
        public long KickCount { get; private set; }

        /// <inheritdoc/>
        public int TryReceive(ulong first, int countMax)
        {
            Check(queue.TryTake(_taken.AsSpan(0, countMax), writable: false, out int count));
            if (count == 0) return 0;
            for (int i = 0; i < count; i++)
            {
                ref readonly VringTaken message = ref _taken[i]; // the queue has judged where it lies
                if (message.LengthBytes != _payloadBytes || !Payload.Is(ref *(byte*)message.Start, _payloadBytes, first + (uint)i))
                    Payload.ThrowWrong(first + (uint)i);
                _returned[i] = new VringReturned(message.Head, 0);
            }

            queue.Return(_returned.AsSpan(0, count));
            queue.Publish();
            if (bell is not null && queue.ShouldInterrupt())
            {
                bell.Ring();
                KickCount++;
            }

            return count;
        }

        /// <inheritdoc/>
        public readonly bool TryArm() => !queue.ArmKick();

        /// <inheritdoc/>
        public readonly void Disarm() => queue.DisarmKick();
    }

    /// <summary>The device, sending.</summary>
    /// <inheritdoc cref="DriverSend{TQueue}"/>
    public struct DeviceSend<TQueue>(TQueue queue, BenchCase benchCase, EventFd? bell) : ISendHalf where TQueue : struct, IDeviceQueue
    {
        private readonly VringTaken[] _taken = new VringTaken[benchCase.Batch];
        private readonly VringReturned[] _returned = new VringReturned[benchCase.Batch];
        private readonly int _payloadBytes = benchCase.PayloadBytes;

        /// <inheritdoc/>
        public long KickCount { get; private set; }

        /// <inheritdoc/>
        public int TrySend(ulong first, int count)
        {
            Check(queue.TryTake(_taken.AsSpan(0, count), writable: true, out int room));
            if (room == 0) return 0;
            for (int i = 0; i < room; i++)
            {
                if (_taken[i].LengthBytes < _payloadBytes) throw new BenchFailureException("a buffer is too small");
                Payload.Write(ref *(byte*)_taken[i].Start, _payloadBytes, first + (uint)i);
                _returned[i] = new VringReturned(_taken[i].Head, (uint)_payloadBytes);
            }

            queue.Return(_returned.AsSpan(0, room));
            queue.Publish();
            if (bell is not null && queue.ShouldInterrupt())
            {
                bell.Ring();
                KickCount++;
            }

            return room;
        }

        /// <inheritdoc/>
        public readonly bool TryArm() => !queue.ArmKick();

        /// <inheritdoc/>
        public readonly void Disarm() => queue.DisarmKick();
    }

    /// <summary>The driver, receiving.</summary>
    /// <inheritdoc cref="DriverSend{TQueue}"/>
    public struct DriverReceive<TQueue> : IReceiveHalf where TQueue : struct, IDriverQueue
    {
        private readonly TQueue _queue;
        private readonly nint _memory;
        private readonly int _buffers;
        private readonly EventFd? _bell;
        private readonly VringReclaimed[] _reclaimed;
        private readonly VringBuffer[] _offers;
        private readonly int _payloadBytes;

        /// <summary>Makes it, and lends the device every buffer.</summary>
        public DriverReceive(TQueue queue, nint memory, int buffers, BenchCase benchCase, EventFd? bell)
        {
            _queue = queue;
            _memory = memory;
            _buffers = buffers;
            _bell = bell;
            _payloadBytes = benchCase.PayloadBytes;
            _reclaimed = new VringReclaimed[benchCase.Batch];
            _offers = new VringBuffer[benchCase.Batch];
            VringBuffer[] all = new VringBuffer[benchCase.Ring];
            for (int i = 0; i < all.Length; i++) all[i] = new VringBuffer((ulong)(buffers + (i * BufferBytes)), BufferBytes, i);
            queue.Offer(all, writable: true);
            queue.Publish();
        }

        /// <inheritdoc/>
        public long KickCount { get; private set; }

        /// <inheritdoc/>
        public int TryReceive(ulong first, int countMax)
        {
            Check(_queue.TryReclaim(_reclaimed.AsSpan(0, countMax), out int count));
            if (count == 0) return 0;
            for (int i = 0; i < count; i++)
            {
                int offset = _buffers + (_reclaimed[i].Token * BufferBytes);
                if (!Payload.Is(ref *(byte*)(_memory + offset), _payloadBytes, first + (uint)i)) Payload.ThrowWrong(first + (uint)i);
                _offers[i] = new VringBuffer((ulong)offset, BufferBytes, _reclaimed[i].Token);
            }

            _queue.Offer(_offers.AsSpan(0, count), writable: true);
            _queue.Publish();
            if (_bell is not null && _queue.ShouldKick())
            {
                _bell.Ring();
                KickCount++;
            }

            return count;
        }

        /// <inheritdoc/>
        public readonly bool TryArm() => !_queue.ArmInterrupt();

        /// <inheritdoc/>
        public readonly void Disarm() => _queue.DisarmInterrupt();
    }
}
