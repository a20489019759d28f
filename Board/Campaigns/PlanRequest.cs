using RemoteprocEmu.Explorer;
using RemoteprocEmu.Explorer.Campaigns;
using RemoteprocEmu.Explorer.Search;

namespace RemoteprocEmu.Board.Campaigns;

/// <summary>A search as somebody asks for it: with a subject it becomes a <see cref="SearchPlan"/>, the same on all machines.</summary>
/// <param name="Kind">How.</param>
/// <param name="Number">The bound, or the depth of PCT; 0 where there is none.</param>
/// <param name="RunCount">Runs, for those by chance; 0 for the others.</param>
/// <param name="Seed">For those by chance; 0 for the others.</param>
/// <param name="PartsWanted">Parts to cut an exhaustive search into, about; 1 for the others.</param>
public sealed record PlanRequest(PlanKind Kind, int Number, long RunCount, ulong Seed, int PartsWanted)
{
    /// <summary>Makes the plan; runs the subject a few times for it.</summary>
    public SearchPlan Create(ISubject subject) => Kind switch
    {
        PlanKind.Exhaustive => new ExhaustivePlan(subject, isReduced: true, PartsWanted),
        PlanKind.Unreduced => new ExhaustivePlan(subject, isReduced: false, PartsWanted),
        PlanKind.Preemptions => new BoundedPlan(ScheduleBound.Preemptions, Number),
        PlanKind.Delays => new BoundedPlan(ScheduleBound.Delays, Number),
        PlanKind.Pct => new RandomPlan(subject, RunCount, Seed, Number),
        _ => new RandomPlan(subject, RunCount, Seed, depth: 0),
    };

    /// <summary>As a person says it: <c>PCT of depth 3, 10000 runs, seed 1</c>.</summary>
    public override string ToString() => Kind switch
    {
        PlanKind.Exhaustive => $"exhaustive with reduction in {PartsWanted} parts",
        PlanKind.Unreduced => $"exhaustive without reduction in {PartsWanted} parts",
        PlanKind.Preemptions => $"at most {Number} preemptions",
        PlanKind.Delays => $"at most {Number} delays",
        PlanKind.Pct => $"PCT of depth {Number}, {RunCount} runs, seed {Seed}",
        _ => $"random, {RunCount} runs, seed {Seed}",
    };
}
