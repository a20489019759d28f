using System;
using System.Buffers.Binary;
using System.Collections.Generic;
using System.Diagnostics.CodeAnalysis;
using System.Linq;
using System.Security.Cryptography;
using System.Text;
using RemoteprocEmu.Explorer.Scenarios;
using RemoteprocEmu.Remoteproc.Eras;

namespace RemoteprocEmu.Board.Scenarios;

/// <summary>A scenario with everything that decides what a run of it is: its text, its images, this build.</summary>
public sealed class LoadedScenario
{
    private readonly string? _folder;
    private readonly List<(string Name, byte[] Bytes)> _images = [];

    private LoadedScenario(Scenario scenario, string text, string source, string? folder)
    {
        (Scenario, Text, Source, _folder) = (scenario, text, source, folder);
        foreach (ScenarioProcessor processor in scenario.Processors)
            _images.Add((processor.Image, ScenarioFiles.ImageOf(processor, folder)));
        IEnumerable<ScenarioAction> actions = scenario.Before.Concat(scenario.Actors.SelectMany(actor => actor.Actions))
            .Concat(scenario.Events.SelectMany(happening => happening.Actions)).Concat(scenario.After);
        foreach (ScenarioAction action in actions)
        {
            if (action.Verb == ScenarioVerb.ProvideFirmware && action.Object.Length > 0)
                _images.Add((action.Object, ScenarioFiles.ReadImage(action.Object, folder)));
        }
    }

    /// <summary>The scenario.</summary>
    public Scenario Scenario { get; }

    /// <summary>Its text.</summary>
    public string Text { get; }

    /// <summary>How it was named: one of <see cref="ScenarioFiles.Names"/>, or a path.</summary>
    public string Source { get; }

    /// <summary>Reads a scenario's text, and the images that it names.</summary>
    /// <param name="text">The text.</param>
    /// <param name="source">What to call it.</param>
    /// <param name="folder">Where the paths of its images begin; null where it may name none.</param>
    /// <param name="errors">Its mistakes, in the order of the file.</param>
    /// <returns>Null when it has mistakes.</returns>
    /// <exception cref="System.IO.IOException">An image cannot be read.</exception>
    public static LoadedScenario? TryLoad(string text, string source, string? folder, out IReadOnlyList<ScenarioError> errors)
    {
        ArgumentNullException.ThrowIfNull(source);
        string file = folder is null ? source + ScenarioFiles.Extension : source;
        Scenario? scenario = ScenarioFiles.TryRead(text, file, folder, out errors);
        return scenario is null ? null : new LoadedScenario(scenario, text, source, folder);
    }

    /// <summary>Loads a scenario that comes with the emulator.</summary>
    /// <param name="name">One of <see cref="ScenarioFiles.Names"/>, or as <see cref="RaceScenario"/> names them.</param>
    /// <returns>Null when there is none of that name.</returns>
    public static LoadedScenario? FindOwn(string name)
    {
        ArgumentNullException.ThrowIfNull(name);
        string? text = ScenarioFiles.TextOf(name) ?? RaceScenario.TextOf(name);
        if (text is null) return null;
        LoadedScenario? loaded = TryLoad(text, name, null, out IReadOnlyList<ScenarioError> errors);
        Platform.Invariant.Check(loaded is not null, errors.Count == 0 ? name : errors[0].Message);
        return loaded;
    }

    /// <summary>The era of a name, if the scenario is for it.</summary>
    public bool TryFindEra(string name, [NotNullWhen(true)] out Era? era)
    {
        era = Scenario.Eras.FirstOrDefault(candidate => candidate.Name.Equals(name, StringComparison.OrdinalIgnoreCase));
        return era is not null;
    }

    /// <summary>Makes a subject of its own; nothing runs yet.</summary>
    public ScenarioSubject NewSubject(Era era) => new(Scenario, era, _folder);

    /// <summary>
    /// Hash of what decides, besides the schedule, what a run is: the scenario's text, the bytes of its images, the era's name, the
    /// product's version. What a <see cref="Explorer.Explain.Replay.ReplayToken"/> and a shard's file are checked by.
    /// </summary>
    public ulong Fingerprint(Era era)
    {
        ArgumentNullException.ThrowIfNull(era);
        using IncrementalHash hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        Append(hash, Encoding.UTF8.GetBytes(ProductVersion.Text));
        Append(hash, Encoding.UTF8.GetBytes(era.Name));
        Append(hash, Encoding.UTF8.GetBytes(Text));
        foreach ((string name, byte[] bytes) in _images)
        {
            Append(hash, Encoding.UTF8.GetBytes(name));
            Append(hash, bytes);
        }

        return BinaryPrimitives.ReadUInt64LittleEndian(hash.GetHashAndReset());
    }

    /// <summary>With its length before it, so that no two rows of fields are the same bytes.</summary>
    private static void Append(IncrementalHash hash, ReadOnlySpan<byte> bytes)
    {
        Span<byte> length = stackalloc byte[sizeof(int)];
        BinaryPrimitives.WriteInt32LittleEndian(length, bytes.Length);
        hash.AppendData(length);
        hash.AppendData(bytes);
    }
}
