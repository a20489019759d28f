using System;
using System.Linq;
using System.Text.Json;
using System.Text.RegularExpressions;
using System.Xml.Linq;
using RemoteprocEmu.Explorer.Explain;
using RemoteprocEmu.Explorer.Explain.Report;
using RemoteprocEmu.Platform.Tasks;
using RemoteprocEmu.Platform.Trace;
using Xunit;

namespace RemoteprocEmu.Explorer.Tests.Explain;

public partial class PictureTests
{
    private const string Hostile = "</script><script>alert(1)</script>&<>\"'\u0001";

    [Fact]
    public void The_picture_is_well_formed_and_shows_both_accesses_and_the_missing_order()
    {
        XDocument svg = XDocument.Parse(SequenceDiagram.Draw(ReportTests.Explained()));
        Assert.Equal("svg", svg.Root!.Name.LocalName);
        string[] words = [.. svg.Descendants().Where(element => element.Name.LocalName == "text").Select(element => element.Value)];
        Assert.Contains("BUG: vring0 unpublished", words);
        Assert.Contains("nothing orders", words);
        Assert.Contains("starts", words);
        Assert.Contains("rp_find_vq()", words);
        Assert.Contains(svg.Descendants(), element => (string?)element.Attribute("class") == "arrow fatal");
    }

    [Fact]
    public void A_deadlock_is_drawn_as_who_waits_for_whom()
    {
        string svg = SequenceDiagram.Draw(Explain(Toys.LockInversion(), "Deadlock: A and B"));
        Assert.Contains("waits for rmmod", svg, StringComparison.Ordinal);
        Assert.Contains("waits for insmod", svg, StringComparison.Ordinal);
    }

    [Fact]
    public void Nothing_is_fetched_from_elsewhere()
    {
        string page = Page(ReportTests.Explained());
        Assert.DoesNotMatch(Fetches(), page.Replace("http://www.w3.org/2000/svg", "", StringComparison.Ordinal));
        Assert.Equal(1, Regex.Count(page, "<!DOCTYPE"));
    }

    [Fact]
    public void Names_and_log_lines_cannot_break_out_of_page_or_picture()
    {
        Explanation explanation = Explain(HostileNames(), $"Leak: {Hostile}");
        XDocument svg = XDocument.Parse(SequenceDiagram.Draw(explanation));
        Assert.Contains(svg.Descendants(), element => element.Value.Contains("alert(1)", StringComparison.Ordinal));
        string page = Page(explanation);
        Assert.DoesNotContain("<script>alert", page, StringComparison.Ordinal);
        Assert.Equal(2, Regex.Count(page, "</script>")); // the run's data, and the program
    }

    [Fact]
    public void The_slider_has_the_run_and_begins_at_the_finding()
    {
        string page = Page(ReportTests.Explained());
        string data = Data().Match(page).Groups[1].Value;
        using JsonDocument run = JsonDocument.Parse(data);
        JsonElement events = run.RootElement.GetProperty("events");
        JsonElement finding = events[run.RootElement.GetProperty("finding").GetInt32()];
        Assert.Equal("Finding", finding.GetProperty("c").GetString());
        Assert.True(finding.GetProperty("x").GetBoolean());
        JsonElement tasks = run.RootElement.GetProperty("tasks");
        Assert.Contains(tasks.EnumerateArray(), task => task.GetProperty("name").GetString() == "remoteproc0");
    }

    [Fact]
    public void A_clean_scenario_makes_a_page_too()
    {
        ScenarioReport clean = new("RP-01", "No vdev", "C", [], [], new SearchCounts(5, 5, 0, true, ""), 3);
        string page = HtmlReport.Write([clean], "0.1.0");
        Assert.Contains("exhaustive within the bound", page, StringComparison.Ordinal);
        Assert.DoesNotContain("class=\"finding\"", page, StringComparison.Ordinal);
    }

    private static string Page(Explanation explanation) => HtmlReport.Write(
        [new ScenarioReport(explanation.Scenario, explanation.Title, explanation.Era, [explanation], [], explanation.Counts, 10)], "0.1.0");

    private static Explanation Explain(ToySubject subject, string id) => Explanation.Explain(new ExplainRequest
    {
        Subject = subject,
        Picks = AnySchedule.ThatFinds(subject, id),
        FindingId = id,
        Scenario = "toy",
        Era = "A",
        ProductVersion = "0.1.0",
        Fingerprint = 1,
    })!;

    private static ToySubject HostileNames() => new(async run =>
    {
        SharedState flag = new(run.Scheduler, Hostile);
        KernelTask other = run.Scheduler.Spawn(Hostile, async () =>
        {
            await run.Scheduler.Point(Hostile);
            flag.Write();
        });
        await run.Scheduler.Point(Hostile);
        run.Scheduler.Trace.Emit(TraceKind.Log, Hostile, 6, 0);
        flag.Read();
        run.Find(OracleRule.Leak, Hostile, Hostile, flag);
        await other.Ended.WaitAsync();
    });

    [GeneratedRegex(@"(src|href)\s*=|url\((?!#)|@import|https?:", RegexOptions.IgnoreCase)]
    private static partial Regex Fetches();

    [GeneratedRegex(@"<script type=""application/json"">\s*(.*?)\s*</script>", RegexOptions.Singleline)]
    private static partial Regex Data();
}
