using System;
using System.Collections.Generic;

namespace RemoteprocEmu.Repo.Tests;

/// <summary>What a walk over the tree found: a finding a line, so that one run shows all of them.</summary>
internal static class Findings
{
    public static void None(IEnumerable<string> findings)
    {
        string[] all = [.. findings];
        if (all.Length != 0) throw new FoundException(string.Join('\n', all));
    }

    private sealed class FoundException(string message) : Exception(message)
    {
        public override string ToString() => Message; // where the test stands is not the news
    }
}
