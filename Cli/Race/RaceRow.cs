using System.Collections.Generic;
using RemoteprocEmu.Board.Scenarios;
using RemoteprocEmu.Explorer.Campaigns;
using RemoteprocEmu.Explorer.Explain;
using RemoteprocEmu.Remoteproc.Eras;

namespace RemoteprocEmu.Cli.Race;

/// <summary>One kernel, one order of loading, one kind of firmware: in every order of events.</summary>
internal sealed record RaceRow
{
    /// <summary>The kernel.</summary>
    public required Era Era { get; init; }

    /// <summary>When the vdevs' driver is loaded.</summary>
    public required RaceLoading Loading { get; init; }

    /// <summary>Whether the firmware waits for DRIVER_OK.</summary>
    public required bool Waits { get; init; }

    /// <summary>By vdev.</summary>
    public required IReadOnlyList<FirstLook> Seen { get; init; }

    /// <summary>Counts.</summary>
    public required PartResult Total { get; init; }

    /// <summary>Whether every order was seen; false after Ctrl-C.</summary>
    public required bool IsComplete { get; init; }

    /// <summary>The race, explained; null where there is none.</summary>
    public Explanation? Explanation { get; init; }

    /// <summary>Whether it is here, or surely not, as history has it.</summary>
    public bool IsAsExpected => IsRaceExpected ? Total.BadCount > 0 : IsComplete && Total.BadCount == 0;

    private bool IsRaceExpected => !Waits && (Era == Era.A || Era == Era.D || (Era == Era.B && Loading != RaceLoading.First));
}
