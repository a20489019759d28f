using System;

namespace RemoteprocEmu.Benchmarks.Micro;

/// <summary>A benchmark's word that it measured what it says.</summary>
internal static class Check
{
    public static void That(bool holds, string what)
    {
        if (!holds) throw new InvalidOperationException(what);
    }
}
