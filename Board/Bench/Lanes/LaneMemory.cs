using RemoteprocEmu.Platform.Memory;

namespace RemoteprocEmu.Board.Bench.Lanes;

/// <summary>Memory of one lane: a piece of what both halves have mapped, zero at the beginning.</summary>
/// <param name="Memory">What is mapped.</param>
/// <param name="Offset">Where the lane's piece begins; a whole number of pages.</param>
internal readonly record struct LaneMemory(SharedMemory Memory, long Offset)
{
    /// <summary>Its first byte, in this process.</summary>
    public unsafe nint Start => (nint)Memory.Base + (nint)Offset; // SAFETY: owners of lanes keep the memory as long as the lane
}
