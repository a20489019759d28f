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

    /// <summary>Versions so far, the initial value included.</summary>
    public int Count => _versions.Count;

    /// <summary>By processor: the newest version that it has read or stored. It reads no older one again.</summary>
    public int[] Seen { get; } = new int[2];

    /// <summary>By processor: at which step of its own it loaded the word plainly last; 0 for never.</summary>
    public int[] PlainLoad { get; } = new int[2];

    public Version this[int version] => _versions[version];

    public void Begin(int run, uint value)
    {
        Run = run;
        _versions.Clear();
        _versions.Add(new Version(null, value, Step: 0, Known: 0));
        Array.Clear(Seen);
        Array.Clear(PlainLoad);
    }

    public void Add(Version version)
    {
        _versions.Add(version);
        if (version.Writer is { } writer) Seen[writer.Index] = Count - 1;
    }

    /// <summary>Whether its newest version is the neighbour's, and the processor can neither know that nor has it read it.</summary>
    public bool IsRaced(ExploredLane lane) =>
        this[^1] is { Writer: { } writer } newest && writer != lane && newest.Step > lane.Known && Seen[lane.Index] < Count - 1;

    /// <summary>The oldest version left to a reader, by what it has read, stored and knows.</summary>
    public int OldestFor(ExploredLane reader)
    {
        int oldest = Count - 1;
        while (oldest > Seen[reader.Index] && _versions[oldest].Writer != reader && _versions[oldest].Step > reader.Known) oldest--;
        return oldest;
    }

    /// <summary>One value.</summary>
    /// <param name="Writer">Who stored it; null for the initial one.</param>
    /// <param name="Value">As it lies in memory.</param>
    /// <param name="Step">The writer's step that stored it; 0 for the initial one.</param>
    /// <param name="Known">Who acquires it knows the writer's steps up to this one.</param>
    public readonly record struct Version(ExploredLane? Writer, uint Value, int Step, int Known);
}
