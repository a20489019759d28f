using System.Collections.Generic;
using System.Diagnostics.CodeAnalysis;
using System.Linq;
using RemoteprocEmu.Board.Scenarios;
using RemoteprocEmu.Explorer.Scenarios;
using RemoteprocEmu.Explorer.Search;
using RemoteprocEmu.Remoteproc.Eras;
using Xunit;
using Xunit.Abstractions;

namespace RemoteprocEmu.Explorer.Tests.Oracles;

/// <summary>The rules under a search: what it finds in one era it does not find in another, in the same number of schedules.</summary>
public sealed class ExploredTests(ITestOutputHelper output)
{
    private const int RunsMax = 1_000;

    private const string BusGoesUnderTraffic = """
        name: RP-13
        title: The bus goes while the remote works on a message
        why: rpmsg_remove frees the message buffers, and the remote is not asked.
        processors:
          mcu:
            image: rpmsg-echo
            program: slow-echo
        before:
          - modprobe virtio_rpmsg_bus: ok
          - modprobe emu_rproc: ok
          - settle
        actors:
          talk:
            - modprobe rpmsg_client_sample
          rmmod:
            - rmmod virtio_rpmsg_bus
        """;

    [Theory]
    [InlineData("D", "Memory: vdev0 vring0 buffer used after free", "Memory: vdev0 vring1 buffer used after free")]
    [InlineData("Emu")]
    [SuppressMessage("Performance", "CA1861", Justification = "an attribute's arguments")]
    public void RP_13_A_search_finds_the_write_into_a_freed_buffer(string era, params string[] expected)
    {
        Scenario? scenario = ScenarioFiles.TryRead(BusGoesUnderTraffic, "RP-13.yaml", null, out IReadOnlyList<ScenarioError> errors);
        Assert.True(scenario is not null, string.Join('\n', errors.Select(error => error.ToString())));
        using ScenarioSubject subject = new(scenario, Era.All.Single(candidate => candidate.Name == era));
        SearchSchedule schedule = new(isReduced: true);
        SortedSet<string> found = [];
        int runs = 0;
        int first = 0;
        while (runs < RunsMax && schedule.MoveNext())
        {
            runs++;
            foreach (Finding finding in subject.Run(schedule).Findings)
            {
                if (found.Count == 0) first = runs;
                if (found.Add(finding.Id)) output.WriteLine($"run {runs}: {finding}");
            }
        }

        output.WriteLine($"{era}: {runs} runs, the first finding in run {first}");
        Assert.True(runs < RunsMax, "the search has walked all there is");
        Assert.Equal(expected, found);
    }
}
