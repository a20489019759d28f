namespace RemoteprocEmu.Board.Campaigns;

/// <summary>Ways to search.</summary>
public enum PlanKind
{
    /// <summary>One schedule of each class that differs only in the order of independent steps.</summary>
    Exhaustive,
    /// <summary>Every schedule.</summary>
    Unreduced,
    /// <summary>Every schedule with a bounded number of preemptions.</summary>
    Preemptions,
    /// <summary>Every schedule with a bounded number of delays.</summary>
    Delays,
    /// <summary>By chance, with priorities: probabilistic concurrency testing.</summary>
    Pct,
    /// <summary>By chance, evenly.</summary>
    Random,
}
