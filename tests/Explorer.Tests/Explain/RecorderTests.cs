using System;
using System.Linq;
using RemoteprocEmu.Explorer.Explain.Record;
using RemoteprocEmu.Platform;
using RemoteprocEmu.Platform.Tasks;
using RemoteprocEmu.Platform.Trace;
using Xunit;

namespace RemoteprocEmu.Explorer.Tests.Explain;

public class RecorderTests
{
    [Fact]
    public void A_replay_says_who_did_what_and_when_it_went_wrong()
    {
        using ToySubject subject = Toys.LatePublication();
        int[] picks = AnySchedule.ThatFinds(subject, Toys.UnpublishedId);
        Recording run = Recorder.Record(subject, picks);

        Finding finding = run.Find(Toys.UnpublishedId)!;
        int place = run.PlaceOf(finding);
        Assert.Equal(TraceKind.Finding, run.Events[place].Trace);
        RecordedTask remote = run.Task(run.Events[place].Task)!;
        Assert.Equal(("remoteproc0", "remoteproc0", false), (remote.Name, remote.Cpu, remote.IsHost));
        Assert.Equal("main", run.TaskText(remote.Parent));
        Assert.Equal("reads the table", run.StepNameAt(place));

        int read = run.Events.ToList().FindIndex(at => at.Kind == RecordedKind.Read && at.Name == "vdev1 vring0 da");
        int write = run.Events.ToList().FindIndex(at => at.Kind == RecordedKind.Write && at.Name == "vdev1 vring0 da");
        Assert.InRange(read, 0, place);
        Assert.InRange(write, place, int.MaxValue);
        Assert.Equal("kworker/vdev1", run.TaskText(run.Events[write].Task));
        RecordedEvent sleep = run.Events.First(at => at.Kind == RecordedKind.Sleep && at.Name == "remoteproc0");
        Assert.Equal((ulong)WaitQueueKind.Completion + 1, sleep.A);
        Assert.Contains(run.Events, at => at.Kind == RecordedKind.Wake && run.TaskText((int)at.A) == "main");
    }

    [Fact]
    public void The_recorded_picks_are_the_replayed_ones_without_zeros_at_the_end()
    {
        using ToySubject subject = Toys.LatePublication(bystanders: 2);
        int[] picks = AnySchedule.ThatFinds(subject, Toys.UnpublishedId);
        Recording run = Recorder.Record(subject, [.. picks, 0, 0, 0]);
        Assert.Equal(picks.AsEnumerable().Reverse().SkipWhile(pick => pick == 0).Reverse(), run.Picks);
        Assert.Equal(run.TraceHash, Recorder.Record(subject, run.Picks).TraceHash);
    }

    [Fact]
    public void A_preemption_names_who_gave_way()
    {
        using ToySubject subject = Toys.LatePublication();
        Recording run = Recorder.Record(subject, [1]);
        RecordedEvent step = run.Events.First(at => at.IsPreemption);
        Assert.Equal("kworker/vdev1", run.TaskText(step.Task));
        Assert.Equal("main", run.TaskText((int)step.B));
    }

    [Fact]
    public void What_sleeps_in_a_deadlock_is_on_record()
    {
        using ToySubject subject = Toys.LockInversion();
        Recording run = Recorder.Record(subject, AnySchedule.ThatFinds(subject, "Deadlock: A and B"));
        Assert.Contains(run.Events, at => at.Kind == RecordedKind.Sleep && at.Name == "B" && run.TaskText(at.Task) == "insmod");
        Assert.Contains(run.Events, at => at.Kind == RecordedKind.Sleep && at.Name == "A" && run.TaskText(at.Task) == "rmmod");
    }

    [Fact]
    public void A_subject_that_is_not_a_function_of_its_schedule_is_an_internal_error_with_the_first_difference()
    {
        using ToySubject subject = new(async run =>
        {
            await run.Scheduler.Point("always");
            await run.Scheduler.Point($"run {run.Number}");
        });
        InvariantException error = Assert.Throws<InvariantException>(() => Recorder.Record(subject, []));
        Assert.Contains("not decided by it", error.Message, StringComparison.Ordinal);
        Assert.Contains("Step \"run 1\" (0, 0) by main[1] at 0 ns, and then Step \"run 2\"", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_schedule_of_another_subject_is_refused_unless_it_may_be_bent()
    {
        using ToySubject subject = Toys.LockInversion();
        Assert.Throws<InvalidOperationException>(() => Recorder.Record(subject, [9]));
        Assert.Empty(Recorder.Record(subject, [9], isLenient: true).Picks);
    }
}
