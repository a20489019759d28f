namespace RemoteprocEmu.Board.Bench.Lanes;

/// <summary>What both halves do in one run.</summary>
/// <param name="Run">Number of the run, from 1: both halves wait for each other at its beginning.</param>
/// <param name="First">Number of the first message.</param>
/// <param name="Count">Messages; there and back count once.</param>
internal readonly record struct RunPlan(long Run, ulong First, long Count);
