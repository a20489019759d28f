using System;
using System.Collections.Generic;
using System.Linq;
using RemoteprocEmu.Harness;
using Xunit;
using Xunit.Abstractions;

namespace RemoteprocEmu.Virtio.Tests.Ring;

/// <summary>Does the ring need each of its orderings, and are they enough? All executions of a few messages are tried.</summary>
/// <remarks>
/// <code>
/// ordering                                                    without it, on x86   without it, on Arm
/// driver: ring entry before avail.idx                         holds                entry, descriptor or payload read too early
/// driver: avail.idx before used.flags or avail_event          device sleeps        device sleeps
/// driver: used.idx before used.ring                           holds                entry or payload read too early
/// driver: used_event or avail.flags before used.idx again     driver sleeps        driver sleeps
/// device: avail.idx before avail.ring, descriptor, data       holds                entry, descriptor or payload read too early
/// device: used entry and payload before used.idx              holds                entry or payload read too early
/// device: used.idx before avail.flags or used_event           driver sleeps        driver sleeps
/// device: avail_event or used.flags before avail.idx again    device sleeps        device sleeps
/// </code>
/// A row is a test: the shipping code without that one ordering must do what the row says. "Holds" is about the processor; a compiler
/// that reorders is not explored.
/// Source: VIRTIO 1.3, 2.7.7, 2.7.10, 2.7.13 and 2.7.14; Linux include/linux/virtio_ring.h, virtio_mb, virtio_rmb, virtio_wmb.
/// </remarks>
public sealed class BarrierTests(ITestOutputHelper output)
{
    /// <summary>Every execution on x86 is one on Arm too, so the large case is tried on Arm alone.</summary>
    [Theory]
    [InlineData(MemoryModel.Arm, 2, 3, 1)]
    [InlineData(MemoryModel.Arm, 4, 4, 2)]
    [InlineData(MemoryModel.X86, 2, 2, 1)]
    [InlineData(MemoryModel.X86, 4, 4, 2)]
    public void No_execution_loses_alters_or_duplicates_a_message_or_a_wake_up(MemoryModel model, int queueSize, int messages, int batch)
    {
        foreach (Direction direction in Enum.GetValues<Direction>())
        {
            foreach (Asking asking in Enum.GetValues<Asking>())
            {
                if (direction == Direction.Send && asking == Asking.ByEventAlways) continue; // about receiving
                using ExploredQueue queue = new(new Traffic(direction, asking, queueSize, messages, batch), model);
                Exploration exploration = queue.Explore();
                output.WriteLine($"{direction} {asking}: {exploration}");
                Assert.True(exploration.Violation is null, $"{direction} {asking}: {exploration}");
                Assert.True(exploration.Executions > 20, $"{direction} {asking}: too few to mean anything: {exploration}");
            }
        }
    }

    /// <summary>The same in order: one used entry stands for a batch, and buffers are offered and taken several at a time.</summary>
    [Theory]
    [InlineData(MemoryModel.Arm, 2, 3, 1)]
    [InlineData(MemoryModel.Arm, 4, 4, 2)]
    [InlineData(MemoryModel.X86, 2, 2, 1)]
    [InlineData(MemoryModel.X86, 4, 4, 2)]
    public void In_order_no_execution_loses_alters_or_duplicates_anything(MemoryModel model, int queueSize, int messages, int batch)
    {
        foreach (Direction direction in Enum.GetValues<Direction>())
        {
            foreach (Asking asking in new[] { Asking.ByFlags, Asking.ByEvent })
            {
                using ExploredQueue queue = new(new Traffic(direction, asking, queueSize, messages, batch, InOrder: true), model);
                Exploration exploration = queue.Explore();
                output.WriteLine($"{direction} {asking}: {exploration}");
                Assert.True(exploration.Violation is null, $"{direction} {asking}: {exploration}");
                Assert.True(exploration.Executions > 20, $"{direction} {asking}: too few to mean anything: {exploration}");
            }
        }
    }

    /// <summary>In order each barrier is as necessary: without it something breaks on Arm; without a fence, on x86 too.</summary>
    [Theory]
    [InlineData(Direction.Send, BarrierKind.Release, "avail.idx")]
    [InlineData(Direction.Send, BarrierKind.Acquire, "avail.idx")]
    [InlineData(Direction.Send, BarrierKind.Fence, "avail.idx")]
    [InlineData(Direction.Send, BarrierKind.Fence, "avail_event", "used.flags")]
    [InlineData(Direction.Receive, BarrierKind.Release, "used.idx")]
    [InlineData(Direction.Receive, BarrierKind.Acquire, "used.idx")]
    [InlineData(Direction.Receive, BarrierKind.Fence, "used.idx")]
    [InlineData(Direction.Receive, BarrierKind.Fence, "used_event", "avail.flags")]
    public void In_order_without_one_barrier_something_breaks(Direction direction, BarrierKind kind, params string[] words)
    {
        foreach (Asking asking in new[] { Asking.ByFlags, Asking.ByEvent })
        {
            foreach (MemoryModel model in Enum.GetValues<MemoryModel>())
            {
                using ExploredQueue queue = new(
                    new Traffic(direction, asking, 4, 4, Batch: 2, InOrder: true), model, new Barrier(kind, words));
                Exploration exploration = queue.Explore();
                output.WriteLine($"{asking} {model}: {exploration}");
                bool breaks = model == MemoryModel.Arm || kind == BarrierKind.Fence;
                Assert.True(breaks == exploration.Violation is not null, $"{asking} {model}: {exploration}");
            }
        }
    }

    [Theory]
    [InlineData(Asking.ByFlags)]
    [InlineData(Asking.ByEvent)]
    public void Driver_ring_entry_before_avail_idx(Asking asking) =>
        BreaksOnArmOnly(new Barrier(BarrierKind.Release, "avail.idx"), Direction.Send, asking, "avail.ring", "desc", "payload");

    [Theory]
    [InlineData(Asking.ByFlags)]
    [InlineData(Asking.ByEvent)]
    public void Driver_avail_idx_before_reading_used_flags_or_avail_event(Asking asking) =>
        LosesWakeUp(new Barrier(BarrierKind.Fence, "avail.idx"), Direction.Send, asking, "device sleeps for ever");

    /// <summary>A driver that is armed always fences after each entry, which orders the payload, if not the entry.</summary>
    [Theory]
    [InlineData(Asking.ByFlags, "payload", "used.ring")]
    [InlineData(Asking.ByEvent, "payload", "used.ring")]
    [InlineData(Asking.ByEventAlways, "used.ring")]
    public void Driver_used_idx_before_used_ring(Asking asking, params string[] kinds) =>
        BreaksOnArmOnly(new Barrier(BarrierKind.Acquire, "used.idx"), Direction.Receive, asking, kinds);

    [Theory]
    [InlineData(Asking.ByFlags)]
    [InlineData(Asking.ByEvent)]
    [InlineData(Asking.ByEventAlways)]
    public void Driver_used_event_write_before_re_reading_used_idx(Asking asking) =>
        LosesWakeUp(new Barrier(BarrierKind.Fence, "used_event", "avail.flags"), Direction.Receive, asking, "driver sleeps for ever");

    [Theory]
    [InlineData(Asking.ByFlags)]
    [InlineData(Asking.ByEvent)]
    public void Device_avail_idx_before_avail_ring_descriptor_and_data(Asking asking) =>
        BreaksOnArmOnly(new Barrier(BarrierKind.Acquire, "avail.idx"), Direction.Send, asking, "avail.ring", "desc", "payload");

    [Theory]
    [InlineData(Asking.ByFlags)]
    [InlineData(Asking.ByEvent)]
    [InlineData(Asking.ByEventAlways)]
    public void Device_used_entry_and_payload_before_used_idx(Asking asking) =>
        BreaksOnArmOnly(new Barrier(BarrierKind.Release, "used.idx"), Direction.Receive, asking, "payload", "used.ring");

    [Theory]
    [InlineData(Asking.ByFlags)]
    [InlineData(Asking.ByEvent)]
    [InlineData(Asking.ByEventAlways)]
    public void Device_used_idx_before_reading_avail_flags_or_used_event(Asking asking) =>
        LosesWakeUp(new Barrier(BarrierKind.Fence, "used.idx"), Direction.Receive, asking, "driver sleeps for ever");

    [Theory]
    [InlineData(Asking.ByFlags)]
    [InlineData(Asking.ByEvent)]
    public void Device_avail_event_write_before_re_reading_avail_idx(Asking asking) =>
        LosesWakeUp(new Barrier(BarrierKind.Fence, "avail_event", "used.flags"), Direction.Send, asking, "device sleeps for ever");

    /// <summary>The release of used.idx also keeps the device's loads before it, which a store barrier would not: without it, the driver
    /// may fill a buffer anew while the device still reads it. The driver's acquire is the other half.</summary>
    [Theory]
    [InlineData(BarrierKind.Release)]
    [InlineData(BarrierKind.Acquire)]
    public void Device_reading_the_payload_before_used_idx(BarrierKind kind)
    {
        using ExploredQueue queue = new(new Traffic(Direction.Send, Asking.ByEvent, 2, 3), MemoryModel.Arm, new Barrier(kind, "used.idx"));
        Exploration exploration = queue.Explore();
        output.WriteLine(exploration.ToString());
        Assert.Contains("driver overwrites payload of buffer 0, which device may still be reading", exploration.Violation,
            StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(Direction.Send, "avail.idx")]
    [InlineData(Direction.Receive, "used.idx")]
    public void A_lost_wake_up_replays_from_its_printed_choices(Direction direction, string index)
    {
        Traffic traffic = new(direction, Asking.ByEvent, 2, 2);
        using ExploredQueue queue = new(traffic, MemoryModel.X86, new Barrier(BarrierKind.Fence, index));
        Exploration exploration = queue.Explore();
        Assert.NotNull(exploration.Violation);
        Assert.Equal(exploration.Violation, queue.Replay(exploration.Trail));
    }

    /// <summary>Without the fence a side sleeps for ever, on both models.</summary>
    private void LosesWakeUp(Barrier dropped, Direction direction, Asking asking, string expected)
    {
        foreach (MemoryModel model in Enum.GetValues<MemoryModel>())
        {
            using ExploredQueue queue = new(new Traffic(direction, asking, 2, 2), model, dropped);
            Exploration exploration = queue.Explore();
            output.WriteLine($"{model}: {exploration}");
            Assert.True(exploration.Violation is not null, $"{model} does not need it: {exploration}");
            Assert.StartsWith($"{expected}\n", exploration.Violation, StringComparison.Ordinal);
        }
    }

    /// <summary>Without the ordering, each of these kinds of words, read too early and no other, breaks a message on Arm; nothing breaks on
    /// x86.</summary>
    private void BreaksOnArmOnly(Barrier dropped, Direction direction, Asking asking, params string[] kinds)
    {
        using ExploredQueue onX86 = new(new Traffic(direction, asking, 2, 2), MemoryModel.X86, dropped);
        Exploration exploration = onX86.Explore();
        output.WriteLine($"x86: {exploration}");
        Assert.True(exploration.Violation is null, exploration.ToString());

        SortedSet<string> found = new(StringComparer.Ordinal);
        using ExploredQueue onArm = new(new Traffic(direction, asking, 2, 2), MemoryModel.Arm, dropped);
        exploration = onArm.Explore(goesOn: () =>
        {
            string[] stale = [.. onArm.StaleWords.Select(Kind).Distinct()];
            if (stale.Length == 1) _ = found.Add(stale[0]);
            return found.Count < kinds.Length;
        });
        output.WriteLine($"Arm: {exploration}");
        Assert.True(found.SetEquals(kinds), $"Arm finds only {string.Join(", ", found)}: {exploration}");
    }

    private static string Kind(string word) => word[..word.IndexOfAny([' ', '['])];
}
