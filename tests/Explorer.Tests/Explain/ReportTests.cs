using System;
using System.IO;
using System.Linq;
using System.Text;
using System.Text.Json;
using System.Xml.Linq;
using RemoteprocEmu.Explorer.Explain;
using RemoteprocEmu.Explorer.Explain.Report;
using Xunit;

namespace RemoteprocEmu.Explorer.Tests.Explain;

public class ReportTests
{
    [Fact]
    public void The_text_reads_as_a_mail_to_a_list()
    {
        Explanation explanation = Explained();
        Assert.Equal(
            $"""
            RP-06 in era A: vring0 unpublished

            vdev1 vring0 da is 0xffffffff when remoteproc0 reads the table.

            Rule 2: memory is used before it is published, or after it was freed.
            Scenario RP-06: Two vdevs, one boot.

            {explanation.Table.ToText().TrimEnd('\n')}

            remoteproc0 reads vdev1 vring0 da, and only then kworker/vdev1 in
            rp_find_vq() writes it. Nothing orders the second before the first:
            remoteproc0 needs only to be created by main in rproc_ops_start(), which
            does not wait for kworker/vdev1.

            In era C rproc_handle_vdev() writes vdev1 vring0 da before
            rproc_ops_start() starts remoteproc0.

            It needs no preemption. The search: 1,234 classes, 5,678 schedules, 42 bad;
            exhaustive with at most 2 preemptions.

            The log, up to there:

              [    0.000000] remoteproc remoteproc0: powering up <fw> & "co"

            To see it again:

              rproc replay {explanation.Token}

            """, FindingText.Write(explanation));
    }

    [Fact]
    public void The_json_has_the_promised_members()
    {
        using MemoryStream stream = new();
        using (Utf8JsonWriter writer = new(stream)) FindingJson.Write(writer, Explained());
        using JsonDocument document = JsonDocument.Parse(stream.ToArray());
        JsonElement root = document.RootElement;
        Assert.Equal("RP-06", root.GetProperty("scenario").GetString());
        Assert.Equal("Memory", root.GetProperty("rule").GetString());
        Assert.Equal(0, root.GetProperty("preemptions").GetInt32());
        Assert.StartsWith("rproc1~RP-06~A~", root.GetProperty("token").GetString(), StringComparison.Ordinal);
        Assert.Equal("rp_find_vq", root.GetProperty("race").GetProperty("second").GetProperty("function").GetString());
        Assert.Equal("Harmless", root.GetProperty("comparison").GetProperty("verdict").GetString());
        Assert.Equal(1234, root.GetProperty("counts").GetProperty("classes").GetInt64());
        Assert.True(root.GetProperty("interleaving").GetProperty("rows").GetArrayLength() > 3);
    }

    [Fact]
    public void The_junit_document_counts_and_escapes()
    {
        using MemoryStream stream = new();
        JUnitReport.Write(stream,
        [
            new ScenarioReport("RP-06", "", "A", [Explained()], ["channels are 1, expected \0 2"], null, 1_500),
            new ScenarioReport("RP-06", "", "C", [], [], new SearchCounts(1, 2, 0, true, ""), 250),
        ]);
        XElement suite = XDocument.Parse(Encoding.UTF8.GetString(stream.ToArray())).Root!.Element("testsuite")!;
        Assert.Equal(["2", "1", "1.750"], new[] { "tests", "failures", "time" }.Select(name => (string)suite.Attribute(name)!));
        XElement bad = suite.Elements("testcase").First();
        string[] messages = [.. bad.Elements("failure").Select(failure => (string)failure.Attribute("message")!)];
        Assert.Equal(["Memory: vring0 unpublished", "channels are 1, expected ? 2"], messages);
        Assert.Contains("powering up <fw> & \"co\"", bad.Element("failure")!.Value, StringComparison.Ordinal);
        Assert.Equal("1 class, 2 schedules, 0 bad; exhaustive", suite.Elements("testcase").Last().Element("system-out")!.Value);
    }

    [Fact]
    public void A_schedule_without_the_finding_is_not_explained()
    {
        using ToySubject subject = Toys.LatePublication(isFixed: true);
        Assert.Null(Explanation.Explain(Request(subject, [])));
    }

    internal static Explanation Explained()
    {
        using ToySubject subject = Toys.LatePublication(bystanders: 3);
        using ToySubject good = Toys.LatePublication(isFixed: true, bystanders: 3);
        ExplainRequest request = Request(subject, AnySchedule.ThatFinds(subject, Toys.UnpublishedId));
        return Explanation.Explain(request with { Elsewhere = good, ElsewhereEra = "C" })!;
    }

    private static ExplainRequest Request(ISubject subject, int[] picks) => new()
    {
        Subject = subject,
        Picks = picks,
        FindingId = Toys.UnpublishedId,
        Scenario = "RP-06",
        Title = "Two vdevs, one boot",
        Era = "A",
        ProductVersion = "0.1.0",
        Fingerprint = 0x0123_4567_89AB_CDEF,
        Counts = new SearchCounts(1_234, 5_678, 42, true, "at most 2 preemptions"),
    };
}
