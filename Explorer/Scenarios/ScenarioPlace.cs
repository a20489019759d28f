using System;

namespace RemoteprocEmu.Explorer.Scenarios;

/// <summary>A place in a scenario file.</summary>
/// <param name="File">The file, as it was named to the reader.</param>
/// <param name="Line">Its line, from 1.</param>
/// <param name="Column">Its column, from 1.</param>
public readonly record struct ScenarioPlace(string File, int Line, int Column) : IComparable<ScenarioPlace>
{
    /// <inheritdoc/>
    public int CompareTo(ScenarioPlace other) => (Line, Column).CompareTo((other.Line, other.Column));

    /// <inheritdoc/>
    public override string ToString() => $"{File}:{Line}:{Column}";
}
