using System;
using System.Linq;
using System.Xml.Linq;
using RemoteprocEmu.Board.Scenarios;
using RemoteprocEmu.Explorer;
using RemoteprocEmu.Explorer.Explain;
using RemoteprocEmu.Explorer.Explain.Compare;
using RemoteprocEmu.Explorer.Explain.Order;
using RemoteprocEmu.Explorer.Explain.Record;
using RemoteprocEmu.Explorer.Explain.Replay;
using RemoteprocEmu.Explorer.Explain.Report;
using RemoteprocEmu.Explorer.Scenarios;
using RemoteprocEmu.Explorer.Search;
using RemoteprocEmu.Remoteproc.Eras;
using Xunit;

namespace RemoteprocEmu.Board.Tests.Scenarios;

/// <summary>What a kernel developer reads about the rows of the scenario table.</summary>
public class ExplainedRows
{
    [Fact]
    public void RP_06_the_second_vdev_s_rings_come_after_the_start()
    {
        Explanation explanation = Explain("RP-06", Era.A, "Memory: vdev1 vring0 unpublished", Era.C);
        Assert.Equal((RaceKind.Unordered, "mcu", "rp_find_vq"),
            (explanation.Race!.Kind, explanation.Race.First.Task, explanation.Race.Second!.Function));
        Assert.Contains("publishes vdev1vring0", explanation.Race.Text, StringComparison.Ordinal);
        Assert.Equal(ComparisonVerdict.Harmless, explanation.Comparison!.Verdict);
        Assert.Equal(
            "In era C rproc_alloc_registered_carveouts() publishes vdev1vring0 in vdev1 table entry before rproc_ops_start() starts mcu.",
            explanation.Comparison.Text);
        string[] table = explanation.Table.ToText().Split('\n');
        Assert.InRange(Array.FindIndex(table, line => line.Contains("BUG: vdev1 vring0 unpublished", StringComparison.Ordinal)),
            Array.FindIndex(table, line => line.Contains("rproc_ops_start()", StringComparison.Ordinal)) + 1,
            Array.FindIndex(table, line => line.Contains("publishes vdev1vring0 da", StringComparison.Ordinal)) - 1);
    }

    [Fact]
    public void RP_22_consumer_and_callback_wait_for_each_other()
    {
        Explanation explanation = Explain("RP-22", Era.B, "Deadlock: ", Era.C);
        Assert.Equal(["consumer", "firmware_loading_work"], explanation.Race!.Others.Select(link => link.Task));
        Assert.Contains("firmware_loading_work sleeps in mutex_lock(remoteproc0 lock), which consumer has.", explanation.Race.Text,
            StringComparison.Ordinal);
        Assert.StartsWith("RP-22 in era B: deadlock of consumer and firmware_loading_work\n", FindingText.Write(explanation),
            StringComparison.Ordinal);
        Assert.Null(explanation.Comparison!.Run.Result.Findings.FirstOrDefault(finding => finding.Rule == OracleRule.Deadlock));
    }

    [Fact]
    public void RP_13_buffers_go_while_the_firmware_has_one()
    {
        Explanation explanation = Explain("RP-13", Era.D, "Memory: ", Era.Emu);
        Assert.Equal(("rmmod", "frees"), (explanation.Race!.First.Task, explanation.Race.First.Verb));
        Assert.Equal("mcu", explanation.Race.Second!.Task);
        Assert.Equal("In era Emu rmmod does not free vdev0 virtio0 buffers.", explanation.Comparison!.Text);
    }

    [Fact]
    public void RP_04_boot_holds_the_module_that_it_is_of()
    {
        Explanation explanation = Explain("RP-04", Era.B, "Removability: emu_rproc cannot be removed", Era.C);
        Assert.Equal("firmware_loading_work took a reference on emu_rproc that nothing drops.", explanation.Race!.Text);
        Assert.Equal("In era C firmware_loading_work takes no reference on emu_rproc.", explanation.Comparison!.Text);
    }

    [Fact]
    public void A_token_replays_the_very_run()
    {
        Explanation explanation = Explain("RP-06", Era.A, "Memory: vdev1 vring0 unpublished", Era.C);
        Assert.True(ReplayToken.TryParse(explanation.Token.ToString(), out ReplayToken? token, out _));
        using ScenarioSubject subject = new(Read("RP-06"), Era.A);
        Assert.Null(token!.CheckReplay(Recorder.Record(subject, token.Picks).TraceHash));
        using ScenarioSubject other = new(Read("RP-06"), Era.D);
        Assert.NotNull(token.CheckReplay(Recorder.Record(other, token.Picks, isLenient: true).TraceHash));
    }

    [Theory]
    [InlineData("RP-03", "D")]
    [InlineData("RP-09", "B")]
    [InlineData("RP-16", "B-v1")]
    [InlineData("RP-59", "D")]
    public void Every_finding_of_a_row_can_be_shown(string name, string era)
    {
        Explanation explanation = Explain(name, Era.All.First(each => each.Name == era), "", null);
        Assert.All(FindingText.Write(explanation).Split('\n').Where(line => !line.StartsWith("  ", StringComparison.Ordinal)),
            line => Assert.InRange(line.Length, 0, 75));
        _ = XDocument.Parse(SequenceDiagram.Draw(explanation));
        string page = HtmlReport.Write([new ScenarioReport(name, "", era, [explanation], [], null, 0)], "0.1.0");
        Assert.Contains(KernelLogOf(explanation), page, StringComparison.Ordinal);
    }

    private static string KernelLogOf(Explanation explanation) => explanation.LogLines(int.MaxValue)[0];

    private static Scenario Read(string name)
    {
        Scenario? scenario = ScenarioFiles.TryReadOwn(name, out _);
        Assert.NotNull(scenario);
        return scenario;
    }

    private static Explanation Explain(string name, Era era, string id, Era? elsewhere)
    {
        Scenario scenario = Read(name);
        using ScenarioSubject subject = new(scenario, era);
        using ScenarioSubject? other = elsewhere is null ? null : new ScenarioSubject(scenario, elsewhere);
        for (ulong seed = 1; seed < 1_000; seed++)
        {
            RandomSchedule schedule = new(seed);
            schedule.Begin();
            Finding? finding = subject.Run(schedule).Findings.FirstOrDefault(found => found.Id.StartsWith(id, StringComparison.Ordinal));
            if (finding is null) continue;
            return Explanation.Explain(new ExplainRequest
            {
                Subject = subject,
                Picks = [.. schedule.Picks],
                FindingId = finding.Id,
                Scenario = scenario.Name,
                Title = scenario.Title,
                Era = era.Name,
                ProductVersion = "0.1.0",
                Fingerprint = 1,
                Elsewhere = other,
                ElsewhereEra = elsewhere?.Name ?? "",
            })!;
        }

        throw new InvalidOperationException($"no schedule of {name} finds {id}");
    }
}
