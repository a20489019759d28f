using System.Collections.Generic;
using System.Linq;
using RemoteprocEmu.Board.Scenarios;
using RemoteprocEmu.Explorer;
using RemoteprocEmu.Explorer.Scenarios;
using RemoteprocEmu.Explorer.Search;
using RemoteprocEmu.Platform.Trace;
using RemoteprocEmu.Remoteproc.Eras;
using Xunit;

namespace RemoteprocEmu.Board.Tests.Scenarios;

/// <summary>A scenario is a subject: it runs again and again, and a schedule decides all of it.</summary>
public sealed class ScenarioSubjectTests
{
    [Fact]
    public void The_outcome_says_what_was_done_and_what_is_to_be_seen()
    {
        using ScenarioSubject subject = new(Read("RP-06"), Era.Emu);
        RunResult result = subject.Run(new RandomSchedule(1));
        Assert.Empty(result.Findings);
        Assert.Equal(
            "modprobe virtio_rpmsg_bus: 0; modprobe emu_rproc: 0; mcu running, power 1, crashes 0, channels 2, starts 1; " +
            "vdev0 at the first instruction: status 0, gfeatures 0, da set set, notifyid 0 1; " +
            "vdev1 at the first instruction: status 0, gfeatures 0, da set set, notifyid 2 3", result.Outcome);
    }

    [Fact]
    public void The_same_answers_give_the_same_run_on_a_new_machine_and_on_one_that_ran()
    {
        using ScenarioSubject reused = new(Read("RP-06"), Era.Emu);
        HashSet<string> picks = [];
        for (ulong seed = 1; seed <= 50; seed++)
        {
            RandomSchedule schedule = new(seed);
            schedule.Begin();
            RunResult first = reused.Run(schedule);
            _ = picks.Add(string.Join(' ', schedule.Picks));
            ReplaySchedule replay = new([.. schedule.Picks]);
            replay.Begin();
            RunResult again = reused.Run(replay);
            Assert.Equal(first.Outcome, again.Outcome);
            Assert.Equal(schedule.Picks, replay.Picks);
            Assert.Equal(Hash(schedule.Picks, reused), Hash(schedule.Picks, new ScenarioSubject(Read("RP-06"), Era.Emu)));
        }

        Assert.True(picks.Count > 25, "seeds give different schedules: otherwise equal runs prove nothing");
    }

    private static (ulong, long) Hash(IReadOnlyList<int> picks, ScenarioSubject subject)
    {
        TraceHash hash = new();
        ReplaySchedule replay = new([.. picks]);
        replay.Begin();
        _ = subject.Run(replay, hash);
        return (hash.Value, hash.Count);
    }

    private static Scenario Read(string name)
    {
        Scenario? scenario = ScenarioFiles.TryReadOwn(name, out IReadOnlyList<ScenarioError> errors);
        Assert.True(scenario is not null, string.Join('\n', errors.Select(error => error.ToString())));
        return scenario;
    }
}
