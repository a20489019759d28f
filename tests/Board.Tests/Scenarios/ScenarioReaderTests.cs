using System.Collections.Generic;
using System.Linq;
using RemoteprocEmu.Board.Scenarios;
using RemoteprocEmu.Explorer.Scenarios;
using RemoteprocEmu.Platform;
using RemoteprocEmu.Remoteproc.Eras;
using Xunit;

namespace RemoteprocEmu.Board.Tests.Scenarios;

/// <summary>A scenario file is read strictly: each mistake is an error that says where it is and what was meant.</summary>
public sealed class ScenarioReaderTests
{
    private const string Head = "name: x\ntitle: x\nwhy: x\nimage: rpmsg-echo\n";
    private const string Good = Head + "actors:\n  a:\n    - modprobe emu_rproc\n";

    [Fact]
    public void A_whole_file_is_what_it_says()
    {
        Scenario scenario = ReadGood("""
            name: all
            title: Everything
            why: >
              To see
              it all.
            image: rpmsg-echo
            eras: [Emu, D]
            processors:
              one: {program: {name: crash-after, crash_after: 3, crash_once: false}, auto_boot: false}
              two: {image: net-eight, program: idle, driver: other_rproc, iommu: true}
            before:
              - insmod remoteproc: ok
            actors:
              first:
                - 'echo "a\n" > firmware on two': [ok, EBUSY]
                - get h on two
                - boot h
            events:
              crash: [crash watchdog on two]
              often: {do: [wait 10ms], at_most: 3}
            faults:
              dma_alloc_coherent: 2
              rproc_ops_start: {at_most: 1, errno: EIO}
            after:
              - traffic 0x10 vdev1
            expect:
              power: {D: 2, else: [0, 1]}
              two: {state: running}
              vdev1: {vring0: {da: 0xa0000000}}
              memory: {vdev0 virtio0 buffers: kept}
              log: [now up]
            findings:
              D Emu:
                - Memory: vdev* unpublished
            """);
        Assert.Equal("To see it all.", scenario.Why);
        Assert.Equal([Era.D, Era.Emu], scenario.Eras);
        Assert.Equal((3, false), (scenario.Processors[0].ProgramOptions.CrashAfter, scenario.Processors[0].ProgramOptions.CrashOnce));
        ScenarioProcessor second = scenario.Processors[1];
        Assert.Equal(("net-eight", "other_rproc", true), (second.Image, second.Driver, second.HasIommu));
        ScenarioAction echo = scenario.Actors[0].Actions[0];
        Assert.Equal((ScenarioVerb.Write, "firmware", "a\n", 1), (echo.Verb, echo.Object, echo.Argument, echo.Processor));
        Assert.True(echo.MayReturn(Errno.EBUSY, Era.D) && echo.MayReturn(Errno.Ok, Era.D) && !echo.MayReturn(Errno.EIO, Era.D));
        Assert.Equal(10_000_000, scenario.Events[1].Actions[0].Number);
        Assert.Equal([1, 3], scenario.Events.Select(happening => happening.TimesMax));
        Assert.Equal([("dma_alloc_coherent", 2, Errno.ENOMEM), ("rproc_ops_start", 1, Errno.EIO)],
            scenario.Faults.Select(fault => (fault.Site, fault.TimesMax, fault.Errno)));
        Assert.Equal((16L, 1), (scenario.After[0].Number, scenario.After[0].Vdev));
        Expectation power = scenario.Expectations[0];
        Assert.Equal(["2"], power.Values.Find(Era.D)!);
        Assert.Equal(["0", "1"], power.Values.Find(Era.Emu)!);
        Assert.Equal(1, scenario.Expectations[1].Processor);
        Expectation ring = scenario.Expectations[2];
        Assert.Equal((Observable.Da, 1, 0), (ring.Observable, ring.Vdev, ring.Vring));
        Assert.Equal("vdev0 virtio0 buffers", scenario.Expectations[3].Name);
        Assert.True(scenario.IsExpected(new(Explorer.OracleRule.Memory, "vdev1 vring0 unpublished", "", "", 0), Era.D));
        Assert.False(scenario.IsExpected(new(Explorer.OracleRule.Leak, "vdev1 vring0 unpublished", "", "", 0), Era.D));
    }

    [Theory]
    [InlineData(Good + "actor: {}\n", "x.yaml:8:1: error: unknown key of a scenario 'actor': did you mean 'actors'?")]
    [InlineData(Head + "actors:\n  a:\n    - insmod emu_rpoc\n",
        "x.yaml:7:14: error: unknown module 'emu_rpoc': did you mean 'emu_rproc'?")]
    [InlineData(Head + "actors:\n  a:\n    - rmod emu_rproc\n", "x.yaml:7:7: error: unknown verb 'rmod': did you mean 'rmmod'?")]
    [InlineData(Head + "actors:\n  a:\n    - rmmod emu_rproc: EAGAN\n",
        "x.yaml:7:24: error: unknown errno 'EAGAN': did you mean 'EAGAIN'?")]
    [InlineData(Head + "actors:\n  a:\n    - boot h\n", "x.yaml:7:12: error: unknown handle, for nobody says get, 'h': there is none")]
    [InlineData(Head + "actors:\n  a:\n    - wait 10\n",
        "x.yaml:7:12: error: expected a time as 10ms, in ns, us, ms or s, found '10'")]
    [InlineData(Head + "actors:\n  a:\n    - settle now\n", "x.yaml:7:14: error: expected nothing more, found 'now'")]
    [InlineData(Head + "actors:\n  a:\n    - echo start state\n", "x.yaml:7:18: error: expected '>', found 'state'")]
    [InlineData(Head + "actors:\n  a:\n    - crash fatal on mcu2\n",
        "x.yaml:7:22: error: unknown processor 'mcu2': did you mean 'mcu'?")]
    [InlineData(Head + "actors:\n  a:\n", "x.yaml:6:5: error: expected the actions of a as a list, found nothing")]
    [InlineData(Head, "x.yaml:1:1: error: expected actors or events: without them there is nothing to explore")]
    [InlineData("name: x\ntitle: x\nimage: rpmsg-echo\nactors: {a: [settle]}\n", "x.yaml:1:1: error: expected the key 'why'")]
    [InlineData("name: x\ntitle: x\nwhy: x\nactors: {a: [settle]}\n",
        "x.yaml:1:1: error: expected the key 'image', or 'processors' with an image each")]
    [InlineData("name: x\ntitle: x\nwhy: x\nimage: rpmsg-ecko\nactors: {a: [settle]}\n",
        "x.yaml:4:8: error: unknown image 'rpmsg-ecko': did you mean 'rpmsg-echo'?")]
    [InlineData("name: x\ntitle: x\nwhy: x\nimage: a/b.elf\nactors: {a: [settle]}\n",
        "x.yaml:4:8: error: there is no image file 'a/b.elf'")]
    [InlineData(Good + "eras: [E]\n", "x.yaml:8:8: error: unknown era 'E': did you mean 'A'?")]
    [InlineData(Good + "expect: {state: runing}\n", "x.yaml:8:17: error: unknown value of state 'runing': did you mean 'running'?")]
    [InlineData(Good + "expect: {power: high}\n", "x.yaml:8:17: error: expected a value of power, a number, found 'high'")]
    [InlineData(Good + "expect: {power: {X: 1}}\n", "x.yaml:8:18: error: unknown era 'X': did you mean 'A'?")]
    [InlineData(Good + "expect: {vdev9: {da: any}}\n", "x.yaml:8:10: error: unknown key of expect 'vdev9': did you mean 'vdevs'?")]
    [InlineData(Good + "findings: [{Memry: x}]\n", "x.yaml:8:13: error: unknown key of a finding 'Memry': did you mean 'Memory'?")]
    [InlineData(Good + "faults: {rproc_ops_strat: 1}\n",
        "x.yaml:8:10: error: unknown key of faults 'rproc_ops_strat': did you mean 'rproc_ops_start'?")]
    [InlineData(Good + "faults: {dma_alloc_coherent: 0}\n",
        "x.yaml:8:30: error: expected how often dma_alloc_coherent may fail, a number from 1 to 16, found '0'")]
    [InlineData(Good + "name: y\n", "x.yaml:8:1: error: Duplicate key name")]
    [InlineData("processors: [\n", "x.yaml:2:1: error: While parsing a node, did not find expected node content.")]
    [InlineData("a\n---\nb\n", "x.yaml:1:1: error: expected one document, found 2")]
    [InlineData(Good + "processors:\n  mcu: {program: idle}\nbefore: [remote create a 1]\n",
        "x.yaml:10:10: error: mcu runs idle, which takes no requests; echo and early-reader do")]
    [InlineData(Good + "devices: [wkup_m3_ipc]\n",
        "x.yaml:1:1: error: the device wkup_m3_ipc and the program wkup_m3, of the first processor, need each other")]
    public void A_mistake_has_its_place_and_says_what_was_meant(string text, string expected)
    {
        Assert.Null(ScenarioFiles.TryRead(text, "x.yaml", null, out IReadOnlyList<ScenarioError> errors));
        Assert.Equal(expected, errors[0].ToString());
    }

    [Fact]
    public void Several_mistakes_are_said_at_once_in_the_order_of_the_file()
    {
        const string text = "name: x\ntitel: x\nwhy: x\nimage: none\nactors: {a: [setle, boot]}\n";
        Assert.Null(ScenarioFiles.TryRead(text, "x.yaml", null, out IReadOnlyList<ScenarioError> errors));
        Assert.Equal([(1, 1), (2, 1), (4, 8), (5, 14), (5, 25)], errors.Select(error => (error.Place.Line, error.Place.Column)));
    }

    private static Scenario ReadGood(string text)
    {
        Scenario? scenario = ScenarioFiles.TryRead(text, "all.yaml", null, out IReadOnlyList<ScenarioError> errors);
        Assert.True(scenario is not null, string.Join('\n', errors.Select(error => error.ToString())));
        return scenario;
    }
}
