using System;
using System.Collections.Generic;
using System.Linq;
using RemoteprocEmu.Platform;
using RemoteprocEmu.Platform.Memory;
using RemoteprocEmu.Remoteproc.Lifecycle;
using Xunit;

namespace RemoteprocEmu.Remoteproc.Tests;

/// <summary>When what happens, of one rpmsg vdev whose driver is loaded: the table, and each era observed against its column.</summary>
public sealed class EraTimeline
{
    private static readonly string[] s_eras = ["A", "B", "C", "D", "Emu"];

    /// <summary>What happens, and for each era before which step ("find_vqs, before start") or how it ends.</summary>
    private static readonly (string What, string[] Eras)[] s_table =
    [
        ("ring memory allocated", ["find_vqs, before start", "find_vqs, before start", "resources, before start",
            "resources, before start", "resources, before start"]),
        ("notifyid published", ["before start", "before start", "before start", "before start", "before start"]),
        ("da published", ["before start", "before start", "before start", "after start", "before start"]),
        ("gfeatures published", ["before start", "before start", "after start", "after start", "after start"]),
        ("status at first instruction", ["3", "7", "0", "0", "0"]),
        ("rings zeroed", ["before start", "before start", "after start", "after start", "after start"]),
        ("first rx buffers posted", ["after start", "before start", "after start", "after start", "after start"]),
        ("state RUNNING set", ["before subdevices", "before subdevices", "after subdevices", "after subdevices", "after subdevices"]),
        ("ring memory freed", ["rmmod, after stop", "rmmod, running", "shutdown, after stop", "shutdown, after stop",
            "shutdown, after stop"]),
        ("message buffers freed", ["rmmod, after stop", "rmmod, running", "rmmod, running", "rmmod, running", "shutdown, after stop"]),
    ];

    public static TheoryData<string, string, string> Cells()
    {
        TheoryData<string, string, string> cells = [];
        foreach ((string what, string[] eras) in s_table)
        {
            for (int i = 0; i < s_eras.Length; i++) cells.Add(s_eras[i], what, eras[i]);
        }

        return cells;
    }

    [Theory]
    [MemberData(nameof(Cells))]
    public void In_this_era_it_happens_then(string era, string what, string when) => Assert.Equal(when, Observe(era)[what]);

    private static SortedDictionary<string, string> Observe(string era)
    {
        SortedDictionary<string, string> seen = new(StringComparer.Ordinal);
        StepRecorder steps = new(era);
        using Rig rig = new(Images.With(table => table.AddVdev(7, 1, [Images.Ring(), Images.Ring()])), era: Rig.EraOf(era), trace: steps);
        rig.Run(async () =>
        {
            await rig.LoadBusAsync();
            await rig.LoadPlatformDriverAsync();
            Assert.Equal(RprocState.Running, rig.Rproc.State);
            ObserveBoot(rig, steps, seen);
            MemoryBlock ring = Block(rig, "vdev0vring0"), buffers = Block(rig, "vdev0 virtio0 buffers");
            Assert.Equal(Errno.Ok, await rig.Machine.RmmodAsync(Rig.RpmsgBus));
            (bool ringAtRmmod, bool buffersAtRmmod) = (ring.IsFreed, buffers.IsFreed);
            bool isRunning = rig.Rproc.State == RprocState.Running;
            await rig.PowerOffAsync();
            Assert.True(ring.IsFreed && buffers.IsFreed);
            seen["ring memory freed"] = Freed("vdev0vring0", ringAtRmmod, isRunning);
            seen["message buffers freed"] = Freed("vdev0 virtio0 buffers", buffersAtRmmod, isRunning);
        });
        return seen;

        string Freed(string block, bool atRmmod, bool isRunning) =>
            (atRmmod ? "rmmod, " : "shutdown, ") + (atRmmod && isRunning ? "running"
                : steps.IndexOf($"free {block}") > steps.IndexOf("rproc_ops_stop") ? "after stop" : "before stop");
    }

    private static void ObserveBoot(Rig rig, StepRecorder steps, SortedDictionary<string, string> seen)
    {
        int start = steps.IndexOf("rproc_ops_start");
        int allocated = steps.IndexOf("allocate vdev0vring0");
        VdevView first = Assert.Single(rig.Core.Boots[0]);
        string site = steps.Steps.Take(allocated).Last(step => step.StartsWith("rp", StringComparison.Ordinal));
        seen["ring memory allocated"] =
            (site == "rp_find_vq" ? "find_vqs" : site == "rproc_alloc_registered_carveouts" ? "resources" : site) + ", " + Side(allocated);
        seen["notifyid published"] = first.NotifyIds is [0, 1] ? "before start" : "after start";
        seen["da published"] = first.RingAddresses.Contains(uint.MaxValue) ? "after start" : "before start";
        Assert.DoesNotContain(rig.Rproc.Vdevs[0].Vrings, vring => vring.PublishedAddress.IsAny);
        seen["gfeatures published"] = first.Features == 1 ? "before start" : "after start";
        seen["status at first instruction"] = $"{first.Status}";
        seen["rings zeroed"] = Side(steps.IndexOf("rp_find_vq"));
        seen["first rx buffers posted"] = Side(steps.IndexOf("allocate vdev0 virtio0 buffers"));
        int running = steps.IndexOf($"state {(int)RprocState.Running}");
        Assert.True(running > start);
        seen["state RUNNING set"] = running < steps.IndexOf("rproc_start_subdevices") ? "before subdevices" : "after subdevices";

        string Side(int index) => index < 0 ? "never" : index < start ? "before start" : "after start";
    }

    private static MemoryBlock Block(Rig rig, string owner) => rig.Machine.DmaBank.LiveBlocks.Single(block => block.Owner == owner);
}
