using System.Collections.Generic;
using RemoteprocEmu.Platform.Tasks;

namespace RemoteprocEmu.Explorer.Search;

/// <summary>Answers by chance, evenly; the same seed, the same answers.</summary>
public sealed class RandomSchedule(ulong seed) : Schedule
{
    private SeededChoices _chance = new(seed);

    /// <inheritdoc/>
    protected override void OnBegin() => _chance = new SeededChoices(seed);

    /// <inheritdoc/>
    protected override int ChooseTask(KernelTask? current, IReadOnlyList<KernelTask> ready, string step, int bound) =>
        bound == 1 ? 0 : _chance.Pick(bound);

    /// <inheritdoc/>
    protected override int ChooseValue(int bound) => _chance.Pick(bound);
}
