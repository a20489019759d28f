namespace RemoteprocEmu.Explorer.Explain.Compare;

/// <summary>What becomes of a bad schedule elsewhere.</summary>
public enum ComparisonVerdict
{
    /// <summary>It is as bad there.</summary>
    SameFinding,
    /// <summary>Another rule is broken there.</summary>
    OtherFinding,
    /// <summary>The order that did it cannot be had there.</summary>
    Blocked,
    /// <summary>It can be had, and does no harm.</summary>
    Harmless,
}
