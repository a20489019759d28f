namespace RemoteprocEmu.Explorer.Explain.Compare;

/// <summary>A step of a recorded run that another subject could not take in its turn.</summary>
/// <param name="Task">Whose step it was.</param>
/// <param name="Step">What it is, in the kernel's words; empty for the beginning of a task, or for going on after a sleep.</param>
/// <param name="Why">
/// Why not: what the task sleeps on and who has it, or that there is no such task yet; as words that follow the task's name.
/// </param>
public sealed record Obstacle(string Task, string Step, string Why);
