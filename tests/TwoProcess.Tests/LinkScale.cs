using System;

namespace RemoteprocEmu.TwoProcess.Tests;

/// <summary>How much a run of these tests does: a little on each build, all of it with <c>TWO_PROCESS_FULL=1</c>.</summary>
internal static class LinkScale
{
    public static bool IsFull { get; } = Environment.GetEnvironmentVariable("TWO_PROCESS_FULL") == "1";

    /// <summary>Times that a process is killed in a test.</summary>
    public static int Kills => IsFull ? 50 : 4;
}
