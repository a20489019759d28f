using System.Collections.Generic;
using RemoteprocEmu.Explorer.Search;
using RemoteprocEmu.Platform.Tasks;

namespace RemoteprocEmu.Board.Tests.Scenarios;

/// <summary>Everything goes on as before, and nothing unusual happens.</summary>
internal sealed class FirstSchedule : Schedule
{
    protected override int ChooseTask(KernelTask? current, IReadOnlyList<KernelTask> ready, string step, int bound) => 0;

    protected override int ChooseValue(int bound) => 0;
}
