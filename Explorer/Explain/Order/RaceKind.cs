namespace RemoteprocEmu.Explorer.Explain.Order;

/// <summary>What kind of order is missing.</summary>
public enum RaceKind
{
    /// <summary>Two tasks touch one thing, one of them writes, and nothing orders the two.</summary>
    Unordered,
    /// <summary>One task uses a thing that nobody has made in this run.</summary>
    NeverWritten,
    /// <summary>Two tasks touch one thing, always in this order: it happens in every run that has both.</summary>
    Ordered,
    /// <summary>Something was taken and never given back.</summary>
    Unbalanced,
    /// <summary>Tasks wait for each other, or for what none of them can do any more.</summary>
    Deadlock,
}
