using System;
using System.Collections.Generic;

namespace RemoteprocEmu.Explorer.Scenarios;

/// <summary>The names that a scenario may use, as the machine that it will run on knows them.</summary>
public sealed record ScenarioVocabulary
{
    /// <summary>Images that come with the emulator.</summary>
    public required IReadOnlyList<string> Images { get; init; }

    /// <summary>Programs that can run on a processor.</summary>
    public required IReadOnlyList<string> Programs { get; init; }

    /// <summary>Modules on disk, but for the processors' drivers.</summary>
    public required IReadOnlyList<string> Modules { get; init; }

    /// <summary>Devices that a board can have besides processors, by the name of their module.</summary>
    public required IReadOnlyList<string> Devices { get; init; }

    /// <summary>Steps that can be made to fail.</summary>
    public required IReadOnlyList<string> FaultSites { get; init; }

    /// <summary>Whether an image's file is there, by its path as the scenario names it; null where no file can be had.</summary>
    public Func<string, bool>? HasImageFile { get; init; }
}
