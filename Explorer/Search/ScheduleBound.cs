namespace RemoteprocEmu.Explorer.Search;

/// <summary>What a bounded search counts.</summary>
public enum ScheduleBound
{
    /// <summary>Times that a task is made to give way though it could go on.</summary>
    Preemptions,
    /// <summary>Tasks that were passed over, each time that another than the one whose turn it was got the processor.</summary>
    Delays,
}
