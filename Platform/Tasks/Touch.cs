namespace RemoteprocEmu.Platform.Tasks;

/// <summary>What a step does to a <see cref="SharedState"/>.</summary>
/// <remarks>
/// Two touches of one piece by two tasks can change places when both are reads, or both add, or both give back; otherwise not.
/// </remarks>
public enum Touch
{
    /// <summary>Looks at it.</summary>
    Read,
    /// <summary>Adds to it, so that two additions come to the same in any order: rings a bell, completes a completion.</summary>
    Add,
    /// <summary>Changes it, or takes of it.</summary>
    Write,
    /// <summary>Takes a lock. Only taking races with taking: who has a lock gives it back before another can have it.</summary>
    Take,
    /// <summary>Gives a lock back.</summary>
    GiveBack,
}
