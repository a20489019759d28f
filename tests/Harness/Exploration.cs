namespace RemoteprocEmu.Harness;

/// <summary>What a search through all executions came to.</summary>
/// <param name="Executions">Executions that were run to their end, the violating one included.</param>
/// <param name="Redundant">Attempts that were given up because another one shows the same.</param>
/// <param name="Violation">What went wrong in the last one, with its story; null when nothing did and all were tried.</param>
/// <param name="Trail">The choices of the last one, for <see cref="ReplayChoices"/>.</param>
public sealed record Exploration(int Executions, int Redundant, string? Violation, string Trail)
{
    /// <inheritdoc/>
    public override string ToString() =>
        $"{Executions} executions, {Redundant} given up; " + (Violation is null ? "none breaks" : $"one breaks under {Trail}: {Violation}");
}

/// <summary>How one run ended.</summary>
public enum RunOutcome
{
    /// <summary>Both processors came to their end.</summary>
    Complete,

    /// <summary>Given up: it could only have shown what another run shows. Look at nothing that it left.</summary>
    Redundant,

    /// <summary>A rule was broken.</summary>
    Violation,
}
