using System;
using System.Collections.Generic;
using System.Globalization;
using RemoteprocEmu.Board.Campaigns;
using RemoteprocEmu.Explorer.Campaigns;

namespace RemoteprocEmu.Cli.Explore;

/// <summary>What a search proves, and what it does not. Nothing that was not seen is ever said to be good.</summary>
internal static class ProofText
{
    private static readonly CultureInfo s_culture = CultureInfo.InvariantCulture;

    /// <summary>Sentences.</summary>
    public static IReadOnlyList<string> Of(EraReport report)
    {
        List<string> sentences = [];
        if (report.IsByChance)
        {
            if (!report.IsComplete) sentences.Add(string.Create(s_culture,
                $"Ended early: {report.Total.RunCount:N0} of {report.Request.RunCount:N0} runs."));
            AddChance(report, sentences);
        }
        else if (!report.IsComplete)
        {
            string kinds = report.Request.Kind == PlanKind.Exhaustive ? "classes" : "schedules";
            sentences.Add(string.Create(s_culture, $"Ended early: {report.PartsDone} of {report.PartCount} parts are done, " +
                $"{report.Total.RunCount:N0} {kinds} were seen."));
            sentences.Add("Of those that were not seen it proves nothing.");
        }
        else if (!report.IsShard)
        {
            sentences.Add(Whole(report));
        }

        if (report.IsShard) sentences.Add("One shard alone proves nothing about the others: see 'rproc merge'.");
        return sentences;
    }

    private static string Whole(EraReport report)
    {
        string seen = report.Bound.Length == 0 ? "Every order of events was seen"
            : $"Every order of events with {report.Bound} was seen, no other";
        string verdict = report.Total.Findings.Count == 0 ? "none breaks a rule" : "these findings are all that there are";
        return $"{seen}: {verdict}.";
    }

    private static void AddChance(EraReport report, List<string> sentences)
    {
        long runs = report.Total.RunCount;
        if (runs == 0)
        {
            sentences.Add("Nothing was run: it proves nothing.");
            return;
        }

        if (report.Total.BadCount == 0)
        {
            string bound = Percent(Proportion.Of(0, runs).High);
            sentences.Add(string.Create(s_culture, $"None of {runs:N0} schedules drawn is bad: with 95 % confidence fewer than {bound} " +
                $"of what is drawn this way are. It is no proof."));
        }

        if (report.Request.Kind != PlanKind.Pct) return;
        int depth = report.Request.Number;
        double oneIn = PctBound(report);
        double missed = Math.Exp(runs * Math.Log(1 - (1 / Math.Max(oneIn, 1.0000001))));
        sentences.Add(string.Create(s_culture,
            $"A defect that needs {depth} ordering{(depth == 1 ? "" : "s")} is found by a run with a probability of at least " +
                $"1/(n*k^(d-1)) = 1/{oneIn:N0} (n = {report.TaskCount} tasks, k = {report.Total.StepCountMax} steps); {runs:N0} runs " +
                    $"miss it with one of at most {Percent(missed)}."));
    }

    /// <summary>n * k^(d-1): see <see cref="Explorer.Search.PctSchedule"/>.</summary>
    public static double PctBound(EraReport report) =>
        Math.Max(1, report.TaskCount) * Math.Pow(Math.Max(1, report.Total.StepCountMax), report.Request.Number - 1);

    /// <summary>How likely a schedule drawn this way has a finding: <c>12 % (95 %: 10 to 14 %)</c>.</summary>
    public static string Probability(long count, long runs)
    {
        Proportion share = Proportion.Of(count, runs);
        return $"{Percent(share.Estimate)} (95 %: {Percent(share.Low)} to {Percent(share.High)})";
    }

    /// <summary>A share in percent, with two digits that count.</summary>
    public static string Percent(double share)
    {
        double percent = Math.Round(share * 100, 9); // what is left of the last digits of a double is noise
        if (percent is 0 or 100) return string.Create(s_culture, $"{percent} %");
        double least = percent > 99 ? 100 - percent : percent; // 99.97 % is not 100 %
        int decimals = Math.Clamp(1 - (int)Math.Floor(Math.Log10(least)), 0, 12);
        return Math.Round(percent, decimals).ToString($"F{decimals}", s_culture) + " %";
    }
}
