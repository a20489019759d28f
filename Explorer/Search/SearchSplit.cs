using System.Collections.Generic;
using System.Numerics;

namespace RemoteprocEmu.Explorer.Search;

/// <summary>Cuts a search into jobs that share nothing, so that several threads, or machines, can take some each.</summary>
/// <remarks>
/// Where the search is cut, every answer is a job; so the more jobs, the less reduction near the top. An earlier answer of the same
/// question sleeps in the later ones, as it would in one walk. Same subject, same count, same jobs: a machine can take its share without
/// asking the others.
/// </remarks>
internal static class SearchSplit
{
    /// <summary>Makes at least <paramref name="wantedCount"/> jobs, if the search has as many schedules.</summary>
    public static IReadOnlyList<SearchJob> Split(ISubject subject, bool isReduced, int wantedCount)
    {
        Queue<SearchJob> open = new([SearchJob.Whole]);
        List<SearchJob> whole = []; // jobs that have nothing to cut
        while (open.Count > 0 && open.Count + whole.Count < wantedCount)
        {
            SearchJob job = open.Dequeue();
            int made = open.Count;
            Cut(subject, isReduced, job, open);
            if (open.Count == made) whole.Add(job);
        }

        whole.AddRange(open);
        return whole;
    }

    private static void Cut(ISubject subject, bool isReduced, SearchJob job, Queue<SearchJob> jobs)
    {
        SearchSchedule schedule = RunFirst(subject, isReduced, job);
        List<JobAnswer> answers = [.. job.Answers];
        int at = answers.Count;
        ulong awake = 0;
        for (; at < schedule.QuestionCount; at++)
        {
            SearchNode node = schedule.NodeAt(at);
            awake = Awake(node);
            if (BitOperations.PopCount(awake) > 1) break;
            answers.Add(new JobAnswer(node.Chosen, []));
        }

        if (at == schedule.QuestionCount || schedule.IsRedundant) return;
        bool isStep = schedule.NodeAt(at).IsStep;
        List<(int, Footprint)> earlier = [];
        IReadOnlyList<int> stateIds = schedule.StateIds;
        for (; awake != 0; awake &= awake - 1)
        {
            int answer = BitOperations.TrailingZeroCount(awake);
            SearchJob child = new([.. answers, new JobAnswer(answer, [.. earlier])], stateIds);
            jobs.Enqueue(child);
            if (!isReduced || !isStep) continue;
            SearchSchedule first = RunFirst(subject, isReduced, child);
            stateIds = first.StateIds; // it has those of the jobs before it, and its own: a bit means the same in all of them
            bool isFree = at + 1 < first.QuestionCount && !first.NodeAt(at + 1).IsStep; // the step asks: its footprint may differ
            if (!isFree) earlier.Add((answer, first.NodeAt(at).Step));
        }
    }

    private static SearchSchedule RunFirst(ISubject subject, bool isReduced, SearchJob job)
    {
        SearchSchedule schedule = new(isReduced, job);
        _ = schedule.MoveNext(); // the first is always there
        _ = subject.Run(schedule); // what it finds is found again by whoever takes the job
        schedule.Close();
        return schedule;
    }

    private static ulong Awake(SearchNode node)
    {
        ulong awake = 0;
        for (int answer = 0; answer < node.Bound; answer++)
        {
            if (!node.IsStep || !node.IsAsleep(node.TaskOf(answer))) awake |= 1UL << answer;
        }

        return awake;
    }
}
