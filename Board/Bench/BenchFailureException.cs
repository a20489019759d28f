using System;

namespace RemoteprocEmu.Board.Bench;

/// <summary>A message was lost, doubled, overtaken or altered, or a half stands still: what is measured does not work.</summary>
internal sealed class BenchFailureException(string message) : Exception(message);
