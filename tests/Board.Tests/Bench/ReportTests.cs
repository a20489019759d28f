using System;
using System.Collections.Generic;
using System.Linq;
using System.Xml.Linq;
using RemoteprocEmu.Board.Bench;
using RemoteprocEmu.Board.Bench.Lanes;
using RemoteprocEmu.Board.Bench.Report;
using Xunit;

namespace RemoteprocEmu.Board.Tests.Bench;

/// <summary>Numbers into sentences: what is chosen, what is compared with what, what is drawn.</summary>
public class ReportTests
{
    private static readonly BenchCase s_split = new() { Transport = BenchTransport.Rpmsg, Layout = BenchLayout.Split };

    [Fact]
    public void A_filter_takes_whole_words_and_keeps_the_limit_of_a_group()
    {
        BenchGroup group = Assert.Single(BenchFilter.Choose(BenchCatalog.All, ["payload 496B rpmsg in-order in-place"]));
        Assert.Equal("payload 496B", group.Name);
        Assert.Equal(BenchTransport.Spsc, group.Limit!.Transport);
        Assert.Equal(BenchLayout.InOrder, Assert.Single(group.Cases).Layout);
        Assert.Empty(BenchFilter.Choose(BenchCatalog.All, ["96B"]));
        Assert.NotEmpty(BenchFilter.Choose(BenchCatalog.All, ["*96B"]));
    }

    [Fact]
    public void Every_case_has_a_name_of_its_own_in_its_group()
    {
        foreach (BenchGroup group in (BenchGroup[])[.. BenchCatalog.All, .. BenchCatalog.Sweep, .. BenchCatalog.Quick])
            Assert.Distinct(group.All.Select(one => one.Name));
        Assert.Distinct(BenchCatalog.All.Select(group => group.Name));
    }

    [Fact]
    public void A_row_survives_its_line_of_json()
    {
        BenchRow row = Row("rates 64B", s_split with { OfferedPerSecond = 1_000_000, Copies = true }, 987_654, "far") with
        {
            LatencyMedianNs = 1200,
            LatencyP99Ns = 4500,
            LineNs = 312.5,
            Kicks = 0.125,
            CpuModel = "a \"model\"",
            Machine = "2 cores",
            Runs = 5,
            Dropped = 1,
            Disturbed = 2,
            RunSeconds = 0.1,
            SpinNs = 12_000,
        };
        Assert.Equal(row, Assert.Single(BenchJson.Read([BenchJson.Line(row)])));
        string older = BenchJson.Line(row with { PerSecond = 1 });
        Assert.Equal(row, Assert.Single(BenchJson.Read([older, "", BenchJson.Line(row)]))); // the last stays
    }

    [Theory]
    [InlineData("no json")]
    [InlineData("{}")]
    [InlineData("""{"schema": 1, "group": "payload 16B", "transport": "pigeon"}""")]
    public void What_is_no_row_is_refused_with_its_line(string line)
    {
        string good = BenchJson.Line(Row("payload 16B", s_split, 1, "near"));
        FormatException refusal = Assert.Throws<FormatException>(() => BenchJson.Read([good, line]));
        Assert.StartsWith("line 2 ", refusal.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Targets_are_judged_in_the_near_mood_alone()
    {
        BenchCase large = s_split with { PayloadBytes = 496 };
        BenchRow far = Row("payload 496B", large, 1, "far") with { RatioToSpsc = 0.99 };
        Assert.Equal(BenchVerdict.NotMeasured, BenchTargets.Judge([far])[0].Verdict);
        foreach ((double ratio, BenchVerdict verdict) in ((double, BenchVerdict)[])
            [(0.74, BenchVerdict.Missed), (0.75, BenchVerdict.Met), (0.95, BenchVerdict.Aim)])
        {
            BenchRow near = Row("payload 496B", large, 1, "near") with { RatioToSpsc = ratio };
            Assert.Equal(verdict, BenchTargets.Judge([far, near])[0].Verdict);
        }
    }

    [Fact]
    public void Growth_is_the_worst_layout_s_and_processes_are_compared_within_their_group()
    {
        BenchCase inOrder = s_split with { Layout = BenchLayout.InOrder };
        BenchRow[] rows =
        [
            Row("vdevs 16B", s_split, 100, "near"), Row("vdevs 16B", s_split with { Vdevs = 8 }, 98, "near"),
            Row("vdevs 16B", inOrder, 100, "near"), Row("vdevs 16B", inOrder with { Vdevs = 8 }, 80, "near"),
            Row("processes 16B", s_split, 100, "near"), Row("processes 16B", s_split with { Place = BenchPlace.TwoProcesses }, 97, "near"),
            Row("payload 16B", s_split with { Place = BenchPlace.TwoProcesses }, 1, "near"),
        ];
        IReadOnlyList<BenchTarget> targets = BenchTargets.Judge(rows);
        Assert.Equal(25, Assert.Single(targets, target => target.Text.Contains("8 vdevs", StringComparison.Ordinal)).Value!.Value, 6);
        Assert.Equal(0.97, Assert.Single(targets, target => target.Text.Contains("processes", StringComparison.Ordinal)).Value!.Value, 6);
    }

    [Fact]
    public void Pictures_are_well_formed_and_only_of_what_there_is()
    {
        Assert.Empty(BenchPlots.Draw([]));
        BenchRow[] rows =
        [
            .. BenchCatalog.All.SelectMany(group => group.All.Select(one => Row(group.Name, one, 1_000_000 / one.PayloadBytes, "near") with
            {
                LatencyMedianNs = one.OfferedPerSecond > 0 ? 500 : null,
                LatencyP99Ns = one.OfferedPerSecond > 0 ? 900 : null,
            })),
        ];
        IReadOnlyList<(string FileName, string Svg)> pictures = BenchPlots.Draw(rows);
        Assert.Equal(["bench-rate.svg", "bench-latency.svg", "bench-growth.svg"], pictures.Select(picture => picture.FileName));
        foreach ((_, string svg) in pictures)
        {
            XDocument document = XDocument.Parse(svg);
            Assert.Contains(document.Descendants(), element => element.Name.LocalName == "circle");
            Assert.DoesNotContain("NaN", svg, StringComparison.Ordinal);
        }
    }

    [Fact]
    public void Percentiles_are_within_three_percent()
    {
        LatencyHistogram histogram = new();
        for (int i = 1; i <= 100_000; i++) histogram.Add(i);
        Assert.InRange(histogram.PercentileNs(0.5), 50_000 * 0.97, 50_000 * 1.03);
        Assert.InRange(histogram.PercentileNs(0.99), 99_000 * 0.97, 99_000 * 1.03);
        histogram.Clear();
        histogram.Add(long.MaxValue);
        histogram.Add(-5); // a clock that two cores read: never before it was due
        Assert.Equal(0, histogram.PercentileNs(0.5));
        Assert.Equal(2, histogram.Count);
    }

    private static BenchRow Row(string group, BenchCase benchCase, double perSecond, string mood) => new()
    {
        Group = group,
        Case = benchCase,
        Mood = mood,
        PerSecond = perSecond,
        PerSecondMin = perSecond,
        PerSecondMax = perSecond,
    };
}
