using System;
using RemoteprocEmu.Platform;
using RemoteprocEmu.Remoteproc.Eras;

namespace RemoteprocEmu.Explorer.Scenarios;

/// <summary>One thing that is done, and what it is expected to return.</summary>
/// <param name="Verb">What.</param>
/// <param name="Text">As it was written: <c>rmmod emu_rproc</c>.</param>
/// <param name="Place">Where it was written.</param>
public sealed record ScenarioAction(ScenarioVerb Verb, string Text, ScenarioPlace Place)
{
    /// <summary>The module, file, handle, image or service it is done to; see <see cref="ScenarioVerb"/>.</summary>
    public string Object { get; init; } = "";

    /// <summary>What is written, or the crash's type.</summary>
    public string Argument { get; init; } = "";

    /// <summary>Messages, an address, or a time in ns.</summary>
    public long Number { get; init; }

    /// <summary>The processor it is done to, from 0.</summary>
    public int Processor { get; init; }

    /// <summary>The vdev it is done on, from 0.</summary>
    public int Vdev { get; init; }

    /// <summary>The errnos that are expected; null when any will do.</summary>
    public EraValues? Expected { get; init; }

    /// <summary>Whether it may return <paramref name="errno"/> in an era.</summary>
    public bool MayReturn(Errno errno, Era era) => Expected?.Find(era) is not { } names || Array.IndexOf(names, NameOf(errno)) >= 0;

    /// <summary>An errno as a scenario writes it: <c>ok</c>, <c>EAGAIN</c>.</summary>
    public static string NameOf(Errno errno) => errno == Errno.Ok ? "ok" : errno.ToString();

    /// <inheritdoc/>
    public override string ToString() => Text;
}
