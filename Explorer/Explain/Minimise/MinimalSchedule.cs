using System.Collections.Generic;

namespace RemoteprocEmu.Explorer.Explain.Minimise;

/// <summary>A schedule cut down to what its finding needs.</summary>
/// <param name="Picks">The schedule, without zeros at its end.</param>
/// <param name="Finding">The finding, as this schedule has it.</param>
/// <param name="PreemptionCount">Times that a task gives way though it could go on.</param>
/// <param name="EventCount">Optional events that happen: faults, kills, and what else a subject asks for.</param>
/// <param name="SwitchCount">Times that another task is given the processor.</param>
/// <param name="RunCount">Runs that it took.</param>
/// <param name="IsComplete">Whether nothing more could be left out; false when the runs were used up first.</param>
public sealed record MinimalSchedule(
    IReadOnlyList<int> Picks, Finding Finding, int PreemptionCount, int EventCount, int SwitchCount, int RunCount, bool IsComplete);
