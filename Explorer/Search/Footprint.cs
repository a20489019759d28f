using System.Numerics;
using System.Runtime.CompilerServices;

namespace RemoteprocEmu.Explorer.Search;

/// <summary>What a step has read and written: two sets of pieces of state, as bits.</summary>
/// <remarks>
/// There are <see cref="BitCount"/> bits. With more pieces than that, some share one: two steps may then seem to touch the same thing and
/// are tried in both orders for nothing. None is missed.
/// </remarks>
internal struct Footprint
{
    /// <summary>Bits in each set.</summary>
    public const int BitCount = 256;

    private Words _reads;
    private Words _writes;

    /// <summary>Whether it has touched nothing.</summary>
    public readonly bool IsEmpty
    {
        get
        {
            ulong any = 0;
            for (int i = 0; i < Words.Length; i++) any |= _reads[i] | _writes[i];
            return any == 0;
        }
    }

    /// <summary>Whether the two cannot change places: one writes what the other touches.</summary>
    public static bool Conflict(in Footprint a, in Footprint b)
    {
        ulong any = 0;
        for (int i = 0; i < Words.Length; i++)
            any |= (a._writes[i] & (b._writes[i] | b._reads[i])) | (a._reads[i] & b._writes[i]);
        return any != 0;
    }

    /// <summary>Adds one touch.</summary>
    public void Add(int bit, bool isWrite)
    {
        if (isWrite) _writes[bit >> 6] |= 1UL << (bit & 63);
        else _reads[bit >> 6] |= 1UL << (bit & 63);
    }

    /// <summary>Adds all that another step has touched.</summary>
    public void Add(in Footprint other)
    {
        for (int i = 0; i < Words.Length; i++)
        {
            _reads[i] |= other._reads[i];
            _writes[i] |= other._writes[i];
        }
    }

    /// <summary>Takes the next bit off a copy of the set: those written first, then those only read.</summary>
    /// <returns>False when none is left.</returns>
    public bool TryTake(out int bit, out bool isWrite)
    {
        for (int i = 0; i < Words.Length; i++)
        {
            isWrite = _writes[i] != 0;
            ulong word = isWrite ? _writes[i] : _reads[i];
            if (word == 0) continue;
            int at = BitOperations.TrailingZeroCount(word);
            _writes[i] &= ~(1UL << at);
            _reads[i] &= ~(1UL << at);
            bit = (i << 6) + at;
            return true;
        }

        bit = 0;
        isWrite = false;
        return false;
    }

    [InlineArray(Length)]
    private struct Words
    {
        public const int Length = BitCount / 64;
#pragma warning disable IDE0044, IDE0051, S1144 // an inline array is its one field
        private ulong _first;
#pragma warning restore IDE0044, IDE0051, S1144
    }
}
