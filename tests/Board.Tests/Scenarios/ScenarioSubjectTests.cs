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

    /// <summary>Rows whose every schedule can be run in a test.</summary>
    public static TheoryData<string, string> SmallRows
    {
        get
        {
            TheoryData<string, string> rows = [];
            foreach (string name in (string[])["RP-03", "RP-06", "RP-09", "RP-11", "RP-12", "RP-13", "RP-14", "RP-19", "RP-22"])
            {
                foreach (Era era in Era.All) rows.Add(name, era.Name);
            }

            return rows;
        }
    }

    [Theory]
    [MemberData(nameof(SmallRows))]
    public void In_every_schedule_a_row_is_as_expected_and_each_finding_that_it_names_is_found_in_some(string name, string eraName)
    {
        Assert.True(Era.TryParse(eraName, out Era? era));
        Scenario scenario = Read(name);
        (List<RunResult> results, bool isComplete) = Explore(scenario, era, runsMax: 20_000);
        Assert.True(isComplete, $"more than {results.Count} schedules");
        foreach (RunResult result in results)
        {
            Assert.Empty(result.Unmet);
            Assert.All(result.Findings, finding => Assert.True(scenario.IsExpected(finding, era), finding.ToString()));
        }

        foreach (ExpectedFinding expected in scenario.Findings)
        {
            if (!expected.IsFor(era)) continue;
            Assert.True(results.Exists(result => result.Findings.Any(finding => expected.Covers(finding, era))), $"not found: {expected}");
        }
    }

    [Fact]
    public void An_event_happens_and_does_not_and_as_often_as_it_may()
    {
        HashSet<string> outcomes = Outcomes("""
            before: [modprobe emu_rproc, settle]
            events:
              crash: {do: [crash watchdog, settle], at_most: 2}
            """);
        Assert.Equal([0, 1, 2], outcomes.Select(Crashes).Distinct().Order());
    }

    [Fact]
    public void A_fault_strikes_and_does_not()
    {
        HashSet<string> outcomes = Outcomes("""
            before: [modprobe emu_rproc, settle, echo stop > state]
            actors:
              user: [echo start > state]
            faults:
              rproc_ops_start: {at_most: 1, errno: EIO}
            """);
        Assert.Equal(["-EIO", "0"], outcomes.Select(outcome => After(outcome, "echo start > state: ")).Distinct().Order());
    }

    [Fact]
    public void A_kick_that_is_lost_leaves_messages_where_they_are_and_one_that_is_late_does_not()
    {
        const string text = """
            before: [modprobe virtio_rpmsg_bus, modprobe emu_rproc, settle]
            actors:
              user: [traffic 1]
            faults:
              KIND: 1
            """;
        Assert.Equal(["-ETIMEDOUT", "0"], Outcomes(text.Replace("KIND", "lose_kick", System.StringComparison.Ordinal))
            .Select(outcome => After(outcome, "traffic 1: ")).Distinct().Order());
        Assert.Equal(["0"], Outcomes(text.Replace("KIND", "delay_kick", System.StringComparison.Ordinal))
            .Select(outcome => After(outcome, "traffic 1: ")).Distinct());
    }

    [Fact]
    public void Each_of_several_processors_has_its_own_driver_and_its_own_state()
    {
        Scenario scenario = ReadText("""
            processors:
              one: {}
              two: {driver: other_rproc, auto_boot: false}
            before: [modprobe virtio_rpmsg_bus]
            actors:
              first: [modprobe emu_rproc]
              second: [insmod remoteproc, modprobe other_rproc, echo start > state on two]
            expect:
              one: {state: running, power: 1, channels: 1}
              two: {state: running, power: 1, channels: 1, starts: 1}
            """);
        using ScenarioSubject subject = new(scenario, Era.Emu);
        ReplaySchedule schedule = new([]);
        schedule.Begin();
        RunResult result = subject.Run(schedule);
        Assert.Empty(result.Findings);
        Assert.Empty(result.Unmet);
    }

    [Fact]
    public void Two_that_wait_for_each_other_are_found_though_a_core_goes_on()
    {
        // In era B a recovery waits for the last user to go, and a consumer stays one.
        Scenario scenario = ReadText("""
            before: [modprobe virtio_rpmsg_bus, modprobe emu_rproc, settle, get h, boot h]
            actors:
              crash: [crash fatal]
            """);
        using ScenarioSubject subject = new(scenario, Era.B);
        ReplaySchedule schedule = new([]);
        for (int i = 0; i < 2; i++) // the second on a new machine
        {
            schedule.Begin();
            RunResult result = subject.Run(schedule);
            Assert.Equal("broken off", result.Outcome);
            Assert.Contains(result.Findings, finding => finding.Rule == OracleRule.Deadlock);
        }
    }

    [Fact]
    public void What_settles_has_been_seen_by_the_firmware_too()
    {
        // It looks at its status each 50 ms, and the host rings no bell when it writes one.
        Scenario scenario = ReadText("""
            before: [modprobe virtio_rpmsg_bus, modprobe emu_rproc, settle]
            actors:
              unload: [rmmod virtio_rpmsg_bus, settle, crash watchdog]
            """);
        using ScenarioSubject subject = new(scenario, Era.Emu);
        ReplaySchedule schedule = new([]);
        schedule.Begin();
        ResetToCrash times = new();
        _ = subject.Run(schedule, times);
        Assert.InRange(times.CrashNs!.Value - times.ResetNs, 50_000_000, 60_000_000);
    }

    private static HashSet<string> Outcomes(string text) =>
        [.. Explore(ReadText(text), Era.Emu, runsMax: 3_000).Results.Select(result => result.Outcome)];

    private static (List<RunResult> Results, bool IsComplete) Explore(Scenario scenario, Era era, int runsMax)
    {
        using ScenarioSubject subject = new(scenario, era);
        SearchSchedule schedule = new(isReduced: true);
        List<RunResult> results = [];
        while (schedule.MoveNext())
        {
            if (results.Count == runsMax) return (results, false);
            RunResult result = subject.Run(schedule);
            if (!schedule.IsRedundant) results.Add(result);
        }

        return (results, true);
    }

    private static int Crashes(string outcome) => int.Parse(After(outcome, "crashes "), System.Globalization.CultureInfo.InvariantCulture);

    private static string After(string outcome, string words)
    {
        int begin = outcome.IndexOf(words, System.StringComparison.Ordinal) + words.Length;
        return outcome[begin..outcome.IndexOfAny([';', ','], begin)];
    }

    private static Scenario ReadText(string text)
    {
        const string head = "name: x\ntitle: x\nwhy: x\nimage: rpmsg-echo\n";
        Scenario? scenario = ScenarioFiles.TryRead(head + text, "x.yaml", null, out IReadOnlyList<ScenarioError> errors);
        Assert.True(scenario is not null, string.Join('\n', errors.Select(error => error.ToString())));
        return scenario;
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

    /// <summary>When the vdev was reset last, and when the processor crashed after that.</summary>
    private sealed class ResetToCrash : ITraceSink
    {
        public long ResetNs { get; private set; }

        public long? CrashNs { get; private set; }

        public void Emit(in TraceEvent traceEvent)
        {
            if (traceEvent.Kind != TraceKind.State || CrashNs is not null) return;
            if (traceEvent is { Name: "rproc-virtio.0.auto", B: 0 }) ResetNs = traceEvent.TimeNs;
            if (traceEvent is { Name: "remoteproc0", B: 3 }) CrashNs = traceEvent.TimeNs;
        }
    }
}
