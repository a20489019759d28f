namespace RemoteprocEmu.Explorer.Explain.Order;

/// <summary>That a task has a mutex, from one event to another.</summary>
/// <param name="name">The mutex.</param>
/// <param name="task">Who has it.</param>
/// <param name="takenAt">The event at which it is taken.</param>
internal sealed class LockSpan(string name, int task, int takenAt)
{
    /// <summary>The mutex.</summary>
    public string Name => name;

    /// <summary>Who has it.</summary>
    public int Task => task;

    /// <summary>The event at which it is taken.</summary>
    public int TakenAt => takenAt;

    /// <summary>The event at which it is given back; -1 when it is not.</summary>
    public int ReleasedAt { get; internal set; } = -1;
}
