using System.Collections.Generic;

namespace RemoteprocEmu.Explorer.Search;

/// <summary>A part of a search: the answers that all its schedules begin with.</summary>
/// <remarks>The jobs of a search share no schedule, and together they have them all; see <see cref="SearchSplit"/>.</remarks>
/// <param name="Answers">The answers, and what sleeps beside them.</param>
/// <param name="StateIds">
/// Pieces of state in the order of their bits, as the footprints in <paramref name="Answers"/> have them: see
/// <see cref="SearchSchedule.StateIds"/>.
/// </param>
internal sealed record SearchJob(IReadOnlyList<JobAnswer> Answers, IReadOnlyList<int> StateIds)
{
    /// <summary>The whole search.</summary>
    public static SearchJob Whole { get; } = new([], []);
}

/// <summary>One fixed answer, and the other answers of that question which other jobs have.</summary>
/// <param name="Answer">The answer.</param>
/// <param name="Elsewhere">Answers of earlier jobs, with what their steps touch: here they sleep.</param>
internal readonly record struct JobAnswer(int Answer, IReadOnlyList<(int Answer, Footprint Step)> Elsewhere)
{
    /// <summary>Gives the answer.</summary>
    public void ApplyTo(SearchNode node)
    {
        node.Chosen = Answer;
        node.Wanted = 1UL << Answer;
        foreach ((int answer, Footprint step) in Elsewhere) node.MarkTried(answer, step);
    }
}
