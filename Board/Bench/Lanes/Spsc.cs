using System.Runtime.CompilerServices;
using System.Threading;

namespace RemoteprocEmu.Board.Bench.Lanes;

/// <summary>A bare single-producer single-consumer ring over shared memory: what no ring with the same buffers can beat by much.</summary>
/// <remarks>
/// <code>
/// offset          field
///    0            messages published, by the producer
///  128            messages given back, by the consumer
///  256            slots of 512 bytes, as rpmsg's buffers are
/// </code>
/// Each half keeps what it last saw of the other's count, and publishes once a batch. No descriptors, no ids, no lengths, no checks.
/// </remarks>
internal static unsafe class Spsc
{
    private const int SlotsOffset = 256;
    private const int SlotBytes = 512;

    /// <summary>Size of a ring, bytes.</summary>
    public static int SizeBytes(int slotCount) => SlotsOffset + (slotCount * SlotBytes);

    /// <summary>The sending half.</summary>
    /// <param name="ring">Its memory, zero at the beginning; it outlives the half.</param>
    /// <param name="slotCount">Slots; a power of two.</param>
    /// <param name="payloadBytes">Bytes of a message.</param>
    public struct Producer(byte* ring, int slotCount, int payloadBytes) : ISendHalf
    {
        private long _published;
        private long _givenBack;

        /// <inheritdoc/>
        public readonly long KickCount => 0;

        /// <inheritdoc/>
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public int TrySend(ulong first, int count)
        {
            if (slotCount - (_published - _givenBack) < count) _givenBack = Volatile.Read(ref *(long*)(ring + 128));
            int room = int.Min(count, slotCount - (int)(_published - _givenBack));
            for (int i = 0; i < room; i++) Payload.Write(ref *Slot(_published + i), payloadBytes, first + (uint)i);
            if (room == 0) return 0;
            _published += room;
            Volatile.Write(ref *(long*)ring, _published);
            return room;
        }

        /// <inheritdoc/>
        public readonly bool TryArm() => false;

        /// <inheritdoc/>
        public readonly void Disarm() { }

        // SAFETY: the mask keeps each slot inside SizeBytes.
        private readonly byte* Slot(long position) => ring + SlotsOffset + (SlotBytes * ((int)position & (slotCount - 1)));
    }

    /// <summary>The receiving half.</summary>
    /// <inheritdoc cref="Producer"/>
    public struct Consumer(byte* ring, int slotCount, int payloadBytes) : IReceiveHalf
    {
        private long _published;
        private long _givenBack;

        /// <inheritdoc/>
        public readonly long KickCount => 0;

        /// <inheritdoc/>
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public int TryReceive(ulong first, int countMax)
        {
            if (_published == _givenBack) _published = Volatile.Read(ref *(long*)ring);
            int count = int.Min(countMax, (int)(_published - _givenBack));
            if (count == 0) return 0;
            for (int i = 0; i < count; i++)
            {
                if (!Payload.Is(ref *Slot(_givenBack + i), payloadBytes, first + (uint)i)) Payload.ThrowWrong(first + (uint)i);
            }

            _givenBack += count;
            Volatile.Write(ref *(long*)(ring + 128), _givenBack);
            return count;
        }

        /// <inheritdoc/>
        public readonly bool TryArm() => false;

        /// <inheritdoc/>
        public readonly void Disarm() { }

        // SAFETY: the mask keeps each slot inside SizeBytes.
        private readonly byte* Slot(long position) => ring + SlotsOffset + (SlotBytes * ((int)position & (slotCount - 1)));
    }
}
