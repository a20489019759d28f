using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using RemoteprocEmu.Board.Campaigns;
using RemoteprocEmu.Board.Scenarios;
using RemoteprocEmu.Explorer.Campaigns;
using RemoteprocEmu.Remoteproc.Eras;
using Xunit;

namespace RemoteprocEmu.Board.Tests.Campaigns;

/// <summary>A campaign in shards: written down part by part, gone on with, and put together.</summary>
public sealed class ShardTests : IDisposable
{
    private static readonly LoadedScenario s_scenario = LoadedScenario.FindOwn("race-2-later")!;
    private static readonly Era[] s_eras = [Era.A, Era.B];
    private static readonly PlanRequest s_request = new(PlanKind.Exhaustive, 0, 0, 0, PartsWanted: 6);

    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("rproc-");

    public void Dispose() => _folder.Delete(recursive: true);

    [Fact]
    public void What_is_written_is_read_again()
    {
        string path = Run(0, 2);
        ShardFile file = Read(path);
        Assert.True(file.IsComplete);
        Assert.Equal("1/2", file.Header.Shard);
        Assert.Null(file.Header.FindDifference(HeaderOf(0, 2)));
        Assert.Equal(new FileInfo(path).Length, file.LengthBytes);
        SearchPlan plan = PlanOf(Era.A);
        using ScenarioSubject subject = s_scenario.NewSubject(Era.A);
        foreach ((int part, PartResult read) in file.PartsOf("A"))
        {
            Assert.Equal(0, part % 2);
            AssertSame(plan.RunPart(subject, part, static _ => true), read);
        }
    }

    [Fact]
    public void The_order_of_the_files_does_not_matter_and_together_they_are_the_whole()
    {
        (string, ShardFile)[] files = [.. Enumerable.Range(0, 3).Select(index => Run(index, 3)).Select(path => (path, Read(path)))];
        IReadOnlyList<(ShardEra Era, PartResult Total)> merged = Merge(files);
        IReadOnlyList<(ShardEra Era, PartResult Total)> reversed = Merge([files[2], files[0], files[1]]);
        foreach ((int i, Era era) in s_eras.Index())
        {
            AssertSame(merged[i].Total, reversed[i].Total);
            PartResult whole = TotalOf(era);
            AssertSame(whole, merged[i].Total);
        }

        Assert.NotEmpty(merged[0].Total.Findings);
    }

    [Fact]
    public void A_shard_that_is_missing_or_there_twice_is_named()
    {
        (string, ShardFile)[] files = [.. Enumerable.Range(0, 3).Select(index => Run(index, 3)).Select(path => (path, Read(path)))];
        Assert.Equal(["shard 2/3 is missing: run it with --shard 2/3"], Errors([files[2], files[0]]));
        string copy = Path.Combine(_folder.FullName, "copy.jsonl");
        File.Copy(files[0].Item1, copy);
        Assert.Equal([$"shard 1/3 is there 2 times: {files[0].Item1}, {copy}"], Errors([.. files, (copy, Read(copy))]));
        Assert.Equal(2, Errors([files[0], (copy, Read(copy)), files[1]]).Count);
    }

    [Fact]
    public void A_shard_of_another_campaign_is_named_with_what_differs()
    {
        string one = Run(0, 2);
        string other = Path.Combine(_folder.FullName, "other.jsonl");
        ShardHeader header = HeaderOf(1, 2);
        ShardEra[] eras = [header.Eras[0] with { Fingerprint = 1 }, header.Eras[1]];
        (ShardHeader Header, string Expected)[] foreign =
        [
            (header with { ProductVersion = "0.0.7" }, "product version 0.0.7, not "),
            (header with { Scenario = "RP-07" }, "scenario RP-07, not race-2-later"),
            (header with { ShardCount = 3 }, "a shard of 3, not of 2"),
            (header with { Plan = header.Plan with { PartsWanted = 7 } }, "the plan is exhaustive with reduction in 7 parts, not "),
            (header with { Eras = [header.Eras[0]] }, "eras A, not A, B"),
            (header with { Eras = eras }, "era A has fingerprint 0000000000000001, not "),
        ];
        foreach ((ShardHeader odd, string expected) in foreign)
        {
            File.Delete(other);
            ShardWriter.Create(other, odd).Dispose();
            string error = Assert.Single(Errors([(other, Read(other)), (one, Read(one))]));
            Assert.StartsWith($"{other}: is of another campaign than {one}: {expected}", error, StringComparison.Ordinal);
        }
    }

    [Fact]
    public void A_file_that_was_cut_anywhere_loses_its_last_part_alone_and_can_be_gone_on_with()
    {
        string path = Run(0, 1);
        byte[] whole = File.ReadAllBytes(path);
        int firstLine = Array.IndexOf(whole, (byte)'\n') + 1;
        for (int length = whole.Length - 1; length > firstLine; length -= 997)
        {
            File.WriteAllBytes(path, whole[..length]);
            ShardFile file = Read(path);
            Assert.True(file.LengthBytes <= length);
            Assert.Equal((byte)'\n', whole[file.LengthBytes - 1]);
            string error = Errors([(path, file)])[0];
            Assert.Contains($"go on with: rproc explore --resume {path}", error, StringComparison.Ordinal);
            using (ShardWriter writer = ShardWriter.Resume(path, file)) RunInto(writer, 0, 1, file);
            Assert.True(Read(path).IsComplete);
            AssertSame(Merge([(path, Read(path))])[0].Total, TotalOf(Era.A));
        }
    }

    [Fact]
    public void A_file_that_is_there_is_not_written_over()
    {
        string path = Run(0, 2);
        _ = Assert.ThrowsAny<IOException>(() => ShardWriter.Create(path, HeaderOf(0, 2)));
        Assert.True(Read(path).IsComplete);
    }

    [Fact]
    public void A_file_that_is_none_or_is_damaged_says_where()
    {
        string path = Run(0, 2);
        string[] lines = File.ReadAllLines(path);
        lines[1] = lines.First(line => line.Contains("\"part\":0,", StringComparison.Ordinal)); // parts end in any order
        string counted = lines.First(line => line.Contains("\"outcomes\":[[0,", StringComparison.Ordinal));
        (string[] Lines, string Expected)[] damaged =
        [
            ([], ": is not a file that 'rproc explore --out' wrote"),
            (["hello"], ": is not JSON"),
            (["{}"], ": is not a file that 'rproc explore --out' wrote"),
            ([lines[0].Replace("\"rproc_shard\":1", "\"rproc_shard\":9", StringComparison.Ordinal)],
                ": is of form 9, this build reads form 1"),
            ([lines[0].Replace("\"of\":2", "\"of\":0", StringComparison.Ordinal)], ": has numbers that cannot be"),
            ([lines[0], lines[1][..^2]], ":2: is not JSON"),
            ([lines[0], lines[1], lines[1]], ":3: has part 0 of era A twice"),
            ([lines[0], lines[1].Replace("\"part\":0", "\"part\":1", StringComparison.Ordinal)],
                ":2: has part 1 of era A, which is not of shard 1/2"),
            ([lines[0], lines[1].Replace("\"era\":\"A\"", "\"era\":\"Z\"", StringComparison.Ordinal)],
                ":2: has a part of era Z, which its first line"),
            ([lines[0], counted.Replace("\"outcomes\":[[0,", "\"outcomes\":[[99,", StringComparison.Ordinal)], ":2: is damaged: "),
        ];
        foreach ((string[] text, string expected) in damaged)
        {
            File.WriteAllLines(path, text);
            Assert.Null(ShardReader.TryRead(path, out string error));
            Assert.StartsWith(path + expected, error, StringComparison.Ordinal);
        }
    }

    private string Run(int index, int count)
    {
        string path = Path.Combine(_folder.FullName, $"{index + 1}-of-{count}.jsonl");
        using ShardWriter writer = ShardWriter.Create(path, HeaderOf(index, count));
        RunInto(writer, index, count, null);
        return path;
    }

    private static void RunInto(ShardWriter writer, int index, int count, ShardFile? done)
    {
        foreach (Era era in s_eras)
        {
            _ = Campaign.Run(new CampaignOptions
            {
                NewSubject = () => s_scenario.NewSubject(era),
                Plan = PlanOf(era),
                ShardIndex = index,
                ShardCount = count,
                DoneParts = done?.PartsOf(era.Name) ?? new Dictionary<int, PartResult>(),
                PartDone = (part, result) => writer.Append(era.Name, part, result),
            });
        }
    }

    private static PartResult TotalOf(Era era) =>
        Campaign.Run(new CampaignOptions { NewSubject = () => s_scenario.NewSubject(era), Plan = PlanOf(era) }).Total;

    private static SearchPlan PlanOf(Era era)
    {
        using ScenarioSubject subject = s_scenario.NewSubject(era);
        return s_request.Create(subject);
    }

    private static ShardHeader HeaderOf(int index, int count) =>
        new(ProductVersion.Text, s_scenario.Scenario.Name, s_scenario.Source, s_request,
        index, count, [.. s_eras.Select(era => (Era: era, Plan: PlanOf(era)))
            .Select(one => new ShardEra(one.Era.Name, s_scenario.Fingerprint(one.Era), one.Plan.Words, one.Plan.Bound,
                one.Plan.PartCount))]);

    private static ShardFile Read(string path)
    {
        ShardFile? file = ShardReader.TryRead(path, out string error);
        Assert.True(file is not null, error);
        return file;
    }

    private static IReadOnlyList<(ShardEra Era, PartResult Total)> Merge((string, ShardFile)[] files)
    {
        IReadOnlyList<(ShardEra, PartResult)>? merged = ShardMerge.TryMerge(files, out IReadOnlyList<string> errors);
        Assert.True(merged is not null, string.Join('\n', errors));
        return merged;
    }

    private static IReadOnlyList<string> Errors((string, ShardFile)[] files)
    {
        Assert.Null(ShardMerge.TryMerge(files, out IReadOnlyList<string> errors));
        return errors;
    }

    private static void AssertSame(PartResult expected, PartResult actual)
    {
        Assert.Equal((expected.RunCount, expected.RedundantCount, expected.BadCount, expected.StepCount, expected.StepCountMax,
            expected.IsComplete),
            (actual.RunCount, actual.RedundantCount, actual.BadCount, actual.StepCount, actual.StepCountMax, actual.IsComplete));
        Assert.Equal(expected.Outcomes, actual.Outcomes);
        Assert.Equal(expected.Unmet.Values.Select(Line), actual.Unmet.Values.Select(Line));
        Assert.Equal(expected.Findings.Values.Select(Line), actual.Findings.Values.Select(Line));
    }

    private static string Line(UnmetTally tally) => $"{tally.Text} {tally.Count} {string.Join(',', tally.Picks)}";

    private static string Line(FindingTally tally) => $"{tally.Finding} {tally.Finding.Task} {tally.Finding.TimeNs} " +
        $"{tally.Finding.State} " +
        $"{tally.Count} {string.Join(',', tally.Picks)}";
}
