using System;
using System.Collections.Generic;
using System.Linq;
using System.Threading.Tasks;
using RemoteprocEmu.Cores.Programs;
using RemoteprocEmu.Cores.Scripted;
using RemoteprocEmu.Platform;
using RemoteprocEmu.Remoteproc.Lifecycle;
using RemoteprocEmu.Rpmsg.Bus;
using RemoteprocEmu.Virtio.Device;
using Xunit;

namespace RemoteprocEmu.Board.Tests;

/// <summary>Firmware that breaks the protocol on one vdev: that ring stops and says why, the other vdev and the machine go on.</summary>
public sealed class HostileFirmwareTests
{
    public static TheoryData<Misdeed> Misdeeds => [.. Enum.GetValues<Misdeed>()];

    [Theory]
    [MemberData(nameof(Misdeeds))]
    public void A_misdeed_on_one_vdev_leaves_the_other_working(Misdeed misdeed)
    {
        using Machine machine = new(new MachineOptions { ClientSampleCount = 20 },
            new ProcessorOptions
            {
                Image = SampleImages.Find("rpmsg-two-vdevs")!.Read(),
                Program = new HostileProgram(misdeed, vdevIndex: 0),
            });
        ScriptedCore core = (ScriptedCore)machine.Processors[0].Core;
        machine.Run(async () =>
        {
            Assert.Equal(Errno.Ok, await machine.ModprobeAsync("virtio_rpmsg_bus"));
            Assert.Equal(Errno.Ok, await machine.ModprobeAsync("rpmsg_client_sample"));
            Assert.Equal(Errno.Ok, await machine.ModprobeAsync("emu_rproc"));
            for (int i = 0; i < 500 && core.GetVdevCounters(1).Received < 20; i++) await machine.Scheduler.DelayAsync(1_000_000);
            Assert.Equal(RprocState.Running, machine.Processors[0].Rproc!.State);
            Assert.Equal(20, core.GetVdevCounters(1).Received);
            Assert.True(((HostileProgram)core.Program).MisdeedCount > 0, "the misdeed has been done");
            await AssertOtherRingsAreWholeAsync(machine);
            Assert.Equal(Errno.Ok, await machine.UnloadAllAsync());
        });
        Assert.Empty(machine.WhatIsLeft());
    }

    [Fact]
    public void A_used_id_out_of_range_breaks_that_ring_and_the_log_says_why()
    {
        using Machine machine = new(new MachineOptions { ClientSampleCount = 20 },
            new ProcessorOptions
            {
                Image = SampleImages.Find("rpmsg-two-vdevs")!.Read(),
                Program = new HostileProgram(Misdeed.UsedIdOutOfRange, vdevIndex: 0),
            });
        machine.Run(async () =>
        {
            Assert.Equal(Errno.Ok, await machine.ModprobeAsync("virtio_rpmsg_bus"));
            Assert.Equal(Errno.Ok, await machine.ModprobeAsync("rpmsg_client_sample"));
            Assert.Equal(Errno.Ok, await machine.ModprobeAsync("emu_rproc"));
            await machine.Scheduler.DelayAsync(200_000_000);
            Virtqueue[] broken = [.. machine.Processors[0].Rproc!.Vdevs[0].VirtioDevice!.Virtqueues.Where(queue => queue.IsBroken)];
            Assert.NotEmpty(broken);
            Assert.All(broken, queue => Assert.Contains("out of range", queue.BrokenReason, StringComparison.Ordinal));
            Assert.Equal(Errno.Ok, await machine.UnloadAllAsync());
        });
        Assert.Contains(machine.Kernel.Log.Lines, line => line.Text.Contains("out of range", StringComparison.Ordinal));
        Assert.Empty(machine.WhatIsLeft());
    }

    [Theory]
    [InlineData(Misdeed.UsedLengthLie)]
    [InlineData(Misdeed.HeaderLengthLie)]
    public void A_tap_sees_also_the_message_that_is_refused_as_far_as_there_is_a_buffer(Misdeed misdeed)
    {
        using Machine machine = new(new MachineOptions(), new ProcessorOptions
        {
            Image = SampleImages.Find("rpmsg-echo")!.Read(),
            Program = new HostileProgram(misdeed, vdevIndex: 0),
        });
        Tap tap = new();
        machine.RpmsgBus.Tap = tap;
        int refusedAt = -1;
        machine.Kernel.Log.LineWritten += line =>
        {
            if (refusedAt < 0 && line.Text.Contains("inbound msg too big", StringComparison.Ordinal)) refusedAt = tap.Seen.Count - 1;
        };
        machine.Run(async () =>
        {
            foreach (string module in new[] { "virtio_rpmsg_bus", "rpmsg_client_sample", "emu_rproc" })
                Assert.Equal(Errno.Ok, await machine.ModprobeAsync(module));
            await machine.Scheduler.DelayAsync(200_000_000);
            Assert.Equal(Errno.Ok, await machine.UnloadAllAsync());
        });
        Assert.NotEqual(-1, refusedAt);
        (bool isToHost, byte[] message) = tap.Seen[refusedAt];
        Assert.True(isToHost);
        int claimedBytes = System.Buffers.Binary.BinaryPrimitives.ReadUInt16LittleEndian(message.AsSpan(12));
        Assert.NotEqual(claimedBytes, message.Length - 16);
        Assert.InRange(message.Length, 16, 512);
    }

    private sealed class Tap : IRpmsgTap
    {
        public List<(bool IsToHost, byte[] Message)> Seen { get; } = [];

        public void Passed(VirtioDevice device, bool isToHost, ReadOnlySpan<byte> message) => Seen.Add((isToHost, message.ToArray()));
    }

    private static ValueTask AssertOtherRingsAreWholeAsync(Machine machine)
    {
        Assert.DoesNotContain(machine.Processors[0].Rproc!.Vdevs[1].VirtioDevice!.Virtqueues, queue => queue.IsBroken);
        return ValueTask.CompletedTask;
    }
}
