using System;
using System.Collections.Generic;

namespace RemoteprocEmu.Harness;

/// <summary>A word in one explored run: every value that it has had, and how far the processor that reads it has come.</summary>
internal sealed class ExploredWord(string name)
{
    private readonly List<Version> _versions = [];

    public string Name { get; } = name;

    /// <summary>The run that it belongs to; in another one it begins anew.</summary>
    public int Run { get; private set; }

    public ExploredLane? Writer { get; private set; }

    /// <summary>Versions so far, the initial value included.</summary>
    public int Count => _versions.Count;

    /// <summary>The newest version that was read by the processor that does not write it: it reads no older one again.</summary>
    public int Seen { get; set; }

    /// <summary>Who loaded it plainly last, and at which step of its own.</summary>
    public (ExploredLane? Lane, int Step) PlainLoad { get; set; }

    public Version this[int version] => _versions[version];

    public void Begin(int run, uint value)
    {
        Run = run;
        _versions.Clear();
        _versions.Add(new Version(value, Step: 0, Known: 0));
        Writer = null;
        Seen = 0;
        PlainLoad = default;
    }

    public void Add(ExploredLane writer, Version version)
    {
        if ((Writer ??= writer) != writer) throw new InvalidOperationException($"{Name} has two writers: that is not modelled.");
        _versions.Add(version);
    }

    /// <summary>The oldest version left to a reader that knows its writer's steps up to <paramref name="knownStep"/>.</summary>
    public int OldestFor(int knownStep)
    {
        int oldest = Count - 1;
        while (oldest > Seen && _versions[oldest].Step > knownStep) oldest--;
        return oldest;
    }

    /// <summary>One value.</summary>
    /// <param name="Value">As it lies in memory.</param>
    /// <param name="Step">The writer's step that stored it; 0 for the initial one.</param>
    /// <param name="Known">Who acquires it knows the writer's steps up to this one.</param>
    public readonly record struct Version(uint Value, int Step, int Known);
}
