using System;
using System.Collections.Generic;
using RemoteprocEmu.Platform;
using RemoteprocEmu.Platform.Tasks;

namespace RemoteprocEmu.Explorer.Explain.Record;

/// <summary>Replays a schedule and writes down what happens; twice, to see that nothing but the schedule decides it.</summary>
public static class Recorder
{
    /// <summary>Replays a schedule twice.</summary>
    /// <param name="subject">What runs.</param>
    /// <param name="picks">The schedule; see <see cref="Search.Schedule.Picks"/>.</param>
    /// <param name="isLenient">Whether an answer that does not fit its question counts as 0; otherwise it is an error.</param>
    /// <returns>The run.</returns>
    /// <exception cref="InvariantException">
    /// The two runs differ: something in them is not decided by the schedule. The message names the first event that differs.
    /// </exception>
    public static Recording Record(ISubject subject, IReadOnlyList<int> picks, bool isLenient = false)
    {
        ArgumentNullException.ThrowIfNull(subject);
        ArgumentNullException.ThrowIfNull(picks);
        PicksRecording schedule = new(picks, isLenient);
        Recording first = Run(subject, schedule);
        Recording second = Run(subject, schedule);
        RequireSame(first, second);
        return first;
    }

    /// <summary>Runs once under a schedule that records.</summary>
    internal static Recording Run(ISubject subject, RecordingSchedule schedule)
    {
        schedule.Begin();
        return schedule.ToRecording(subject.Run(schedule, schedule));
    }

    private static void RequireSame(Recording first, Recording second)
    {
        int length = Math.Min(first.Events.Count, second.Events.Count);
        for (int i = 0; i < length; i++)
        {
            if (first.Events[i] != second.Events[i])
                throw Differ($"event {i} of {first.Events.Count} was {Describe(first, i)}, and then {Describe(second, i)}");
        }

        if (first.Events.Count != second.Events.Count)
        {
            Recording longer = first.Events.Count > length ? first : second;
            throw Differ($"one run has {length} events, the other goes on with {Describe(longer, length)}");
        }

        if (first.TraceHash != second.TraceHash) throw Differ($"the hashes are {first.TraceHash:x16} and {second.TraceHash:x16}");
    }

    private static InvariantException Differ(string how) =>
        new($"internal error: two runs under one schedule differ, so something in them is not decided by it: {how}");

    private static string Describe(Recording run, int place)
    {
        RecordedEvent at = run.Events[place];
        string who = at.Task == 0 ? "" : $" by {run.TaskText(at.Task)}[{at.Task}]";
        string what = at.Kind == RecordedKind.Trace ? at.Trace.ToString() : at.Kind.ToString();
        return $"{what} \"{at.Name}\" ({at.A}, {at.B}){who} at {at.TimeNs} ns";
    }

    /// <summary>Answers with a row of picks, then goes on as before.</summary>
    private sealed class PicksRecording(IReadOnlyList<int> picks, bool isLenient) : RecordingSchedule
    {
        private int _position;

        protected override void OnBegin()
        {
            base.OnBegin();
            _position = 0;
        }

        protected override int AnswerTask(KernelTask? current, IReadOnlyList<KernelTask> ready, string step, int bound) =>
            bound == 1 ? 0 : AnswerValue(bound);

        protected override int AnswerValue(int bound)
        {
            if (_position >= picks.Count) return 0;
            int pick = picks[_position++];
            if ((uint)pick < (uint)bound) return pick;
            if (isLenient) return 0;
            throw new InvalidOperationException($"answer {_position - 1} is {pick}, the question has {bound}: another run's");
        }
    }
}
