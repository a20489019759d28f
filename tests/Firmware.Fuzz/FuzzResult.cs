namespace RemoteprocEmu.Firmware.Fuzz;

/// <summary>What a run did.</summary>
/// <param name="Iterations">Inputs made and read.</param>
/// <param name="Checked">Of these, checked and dumped.</param>
/// <param name="Failure">Null, or what went wrong with the last input.</param>
/// <param name="FailedIteration">Its number, to make it again; -1 when nothing went wrong.</param>
/// <param name="FailedInput">Its bytes; empty when nothing went wrong.</param>
/// <param name="LongestNs">The longest time one input took, read, checked and dumped.</param>
/// <param name="ReadAllocatedBytes">All that reading allocated, over the whole run.</param>
/// <param name="CheckAllocatedBytesMax">The most that checking and dumping one input allocated.</param>
/// <param name="ElapsedSeconds">The whole run.</param>
public sealed record FuzzResult(
    long Iterations, long Checked, string? Failure, long FailedIteration, byte[] FailedInput,
    long LongestNs, long ReadAllocatedBytes, long CheckAllocatedBytesMax, double ElapsedSeconds);
