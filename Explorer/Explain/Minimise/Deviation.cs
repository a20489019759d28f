namespace RemoteprocEmu.Explorer.Explain.Minimise;

/// <summary>What a schedule was asked.</summary>
internal enum QuestionKind : byte
{
    /// <summary>A task stands at a scheduling point: does it go on?</summary>
    Point,
    /// <summary>A task sleeps or has ended: who is next?</summary>
    Idle,
    /// <summary>Does something unusual happen?</summary>
    Value,
}

/// <summary>
/// Names a question so that it is found again in another run: the n-th of its kind of a task, which in turn is named by descent.
/// </summary>
/// <param name="Kind">What was asked.</param>
/// <param name="Task">The <see cref="Platform.Tasks.KernelTask.Key"/> of the task that ran last; 0 before the first.</param>
/// <param name="Number">The how manieth question of this kind and task, from 0.</param>
internal readonly record struct Question(QuestionKind Kind, ulong Task, int Number);

/// <summary>One answer of a schedule that is not "go on as before".</summary>
/// <param name="Question">To what.</param>
/// <param name="Answer">The key of the task that is given the processor; of a value, the answer itself.</param>
internal readonly record struct Deviation(Question Question, ulong Answer)
{
    /// <summary>Whether a task gives way that could have gone on.</summary>
    public bool IsPreemption => Question.Kind == QuestionKind.Point;

    /// <summary>Whether something unusual happens.</summary>
    public bool IsEvent => Question.Kind == QuestionKind.Value;
}
