using System.Runtime.CompilerServices;
using RemoteprocEmu.Platform.Tasks;

namespace RemoteprocEmu.Explorer.Search;

/// <summary>What a step has touched, and how: a set of pieces of state for each way, as bits.</summary>
/// <remarks>
/// There are <see cref="BitCount"/> bits. With more pieces than that, some share one: two steps may then seem to touch the same thing and
/// are tried in both orders for nothing. None is missed.
/// </remarks>
internal struct Footprint
{
    /// <summary>Bits in each set.</summary>
    public const int BitCount = 256;

    /// <summary>Words in each set.</summary>
    public const int WordCount = BitCount / 64;

    private Words _reads;
    private Words _adds;
    private Words _writes; // and takes of locks
    private Words _gives;

    /// <summary>Whether the two cannot change places.</summary>
    public static bool Conflict(in Footprint a, in Footprint b)
    {
        ulong any = 0;
        for (int i = 0; i < Words.Length; i++)
        {
            ulong others = b._reads[i] | b._adds[i] | b._writes[i] | b._gives[i];
            any |= (a._writes[i] & others) | (a._reads[i] & (b._writes[i] | b._adds[i])) | (a._adds[i] & (b._writes[i] | b._reads[i]))
                | (a._gives[i] & b._writes[i]);
        }

        return any != 0;
    }

    /// <summary>Adds one touch.</summary>
    public void Add(int bit, Touch touch)
    {
        ref Words words = ref _reads;
        if (touch == Touch.Add) words = ref _adds;
        else if (touch == Touch.GiveBack) words = ref _gives;
        else if (touch != Touch.Read) words = ref _writes;
        words[bit >> 6] |= 1UL << (bit & 63);
    }

    /// <summary>Adds all that another step has touched.</summary>
    public void Add(in Footprint other)
    {
        for (int i = 0; i < Words.Length; i++)
        {
            _reads[i] |= other._reads[i];
            _adds[i] |= other._adds[i];
            _writes[i] |= other._writes[i];
            _gives[i] |= other._gives[i];
        }
    }

    /// <summary>What was touched of one word of bits, for each way.</summary>
    /// <param name="word">Below <see cref="WordCount"/>.</param>
    public readonly TouchedWord this[int word] => new(_reads[word], _adds[word], _writes[word], _gives[word]);

    /// <summary>64 bits of a footprint.</summary>
    internal readonly record struct TouchedWord(ulong Reads, ulong Adds, ulong Writes, ulong Gives)
    {
        public ulong Any => Reads | Adds | Writes | Gives;
    }

    [InlineArray(Length)]
    private struct Words
    {
        public const int Length = WordCount;
#pragma warning disable IDE0044, IDE0051 // an inline array is its one field
        private ulong _first;
#pragma warning restore IDE0044, IDE0051
    }
}
