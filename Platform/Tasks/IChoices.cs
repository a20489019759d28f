namespace RemoteprocEmu.Platform.Tasks;

/// <summary>Where every free decision of a run comes from: who runs next, which fault strikes.</summary>
/// <remarks>
/// Same answers, same run, same trace. An implementation decides whether the answers are first, seeded, enumerated or replayed.
/// </remarks>
public interface IChoices
{
    /// <summary>Answers one question.</summary>
    /// <param name="bound">How many answers there are; at least 2, for a question with one answer is not asked.</param>
    /// <returns>A number from 0 to <paramref name="bound"/> - 1. 0 is always "go on as before".</returns>
    int Pick(int bound);
}

/// <summary>Always goes on as before: the run in which nothing preempts anything.</summary>
public sealed class FirstChoice : IChoices
{
    /// <summary>The one instance; it has no state.</summary>
    public static readonly FirstChoice Instance = new();

    private FirstChoice() { }

    /// <inheritdoc/>
    public int Pick(int bound) => 0;
}
