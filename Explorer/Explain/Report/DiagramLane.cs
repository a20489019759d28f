namespace RemoteprocEmu.Explorer.Explain.Report;

/// <summary>Whose a lane of a picture is.</summary>
internal enum LaneKind
{
    Host,
    Memory,
    Remote,
}

/// <summary>One lifeline of a picture.</summary>
/// <param name="Kind">Whose it is.</param>
/// <param name="Task">Its task; 0 for the lane of what is shared.</param>
/// <param name="Name">Its heading.</param>
/// <param name="Detail">What stands below that.</param>
/// <param name="X">Where its line is.</param>
/// <param name="Width">How wide the lane is, from its line to the next one's.</param>
internal sealed record DiagramLane(LaneKind Kind, int Task, string Name, string Detail, double X, double Width)
{
    /// <summary>The style of its boxes and bars.</summary>
    public string Style => Kind switch { LaneKind.Host => "host", LaneKind.Memory => "shared", _ => "remote" };
}
