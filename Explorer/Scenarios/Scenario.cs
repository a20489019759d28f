using System;
using System.Collections.Generic;
using RemoteprocEmu.Remoteproc.Eras;

namespace RemoteprocEmu.Explorer.Scenarios;

/// <summary>
/// Something that is done to a machine in every order, and what is expected of it. Read from a file by <see cref="ScenarioReader"/>.
/// </summary>
/// <remarks>
/// <code>
/// before                in order, as it goes
/// actors and events     at the same time: this part is explored
/// after                 in order, once everything is quiet
/// expect, findings      looked at when everything is quiet again; then everything is unloaded, and what is left is a finding
/// </code>
/// </remarks>
public sealed record Scenario
{
    /// <summary>Its name: <c>RP-06</c>.</summary>
    public required string Name { get; init; }

    /// <summary>What it is about, in a line.</summary>
    public required string Title { get; init; }

    /// <summary>Why somebody should care, in a sentence or two.</summary>
    public required string Why { get; init; }

    /// <summary>Where it was read.</summary>
    public required ScenarioPlace Place { get; init; }

    /// <summary>The machine's processors, in order; at least one.</summary>
    public required IReadOnlyList<ScenarioProcessor> Processors { get; init; }

    /// <summary>Further devices of the board, by name: <c>wkup_m3_ipc</c>.</summary>
    public IReadOnlyList<string> Devices { get; init; } = [];

    /// <summary>The kernels it is for, in their order.</summary>
    public required IReadOnlyList<Era> Eras { get; init; }

    /// <summary>Done first, in order.</summary>
    public IReadOnlyList<ScenarioAction> Before { get; init; } = [];

    /// <summary>Done at the same time, each in order.</summary>
    public IReadOnlyList<ScenarioActor> Actors { get; init; } = [];

    /// <summary>What may happen meanwhile.</summary>
    public IReadOnlyList<ScenarioEvent> Events { get; init; } = [];

    /// <summary>What may go wrong meanwhile.</summary>
    public IReadOnlyList<ScenarioFault> Faults { get; init; } = [];

    /// <summary>Done in order once everything is quiet.</summary>
    public IReadOnlyList<ScenarioAction> After { get; init; } = [];

    /// <summary>What is to be seen at the end, whatever the order was.</summary>
    public IReadOnlyList<Expectation> Expectations { get; init; } = [];

    /// <summary>Findings that are expected; none for a clean scenario.</summary>
    public IReadOnlyList<ExpectedFinding> Findings { get; init; } = [];

    /// <summary>Whether a finding is expected in an era.</summary>
    public bool IsExpected(Finding finding, Era era)
    {
        ArgumentNullException.ThrowIfNull(finding);
        foreach (ExpectedFinding expected in Findings)
        {
            if (expected.Covers(finding, era)) return true;
        }

        return false;
    }

    /// <inheritdoc/>
    public override string ToString() => $"{Name}: {Title}";
}
