using System;
using System.Collections.Generic;
using System.Linq;
using RemoteprocEmu.Harness;
using Xunit;
using Xunit.Abstractions;

namespace RemoteprocEmu.Virtio.Tests.Ring;

/// <summary>Does the packed ring need each of its orderings, and are they enough? All executions of a few messages are tried.</summary>
/// <remarks>
/// <code>
/// ordering                                            without it, on x86   without it, on Arm
/// driver: descriptor and payload before flags         holds                descriptor or payload read too early
/// driver: flags before the device's event             device sleeps        device sleeps
/// driver: flags before the used descriptor, payload   holds                id, length or payload read too early
/// driver: its event before flags again                driver sleeps        driver sleeps
/// device: flags before descriptor and payload         holds                descriptor or payload read too early
/// device: used descriptor and payload before flags    holds                id, length or payload read too early
/// device: flags before the driver's event             driver sleeps        driver sleeps
/// device: its event before flags again                device sleeps        device sleeps
/// </code>
/// A row is a test: the shipping code without that one ordering must do what the row says. Source: VIRTIO 1.3, 2.8.21 and 2.8.22.
/// </remarks>
public sealed class PackedBarrierTests(ITestOutputHelper output)
{
    private const int QueueSizeMax = 5;
    private static readonly string[] s_flags = [.. Enumerable.Range(0, QueueSizeMax).Select(slot => $"flags of slot {slot}")];

    [Theory]
    [InlineData(MemoryModel.Arm, 2, 3, 1, 1, false)]
    [InlineData(MemoryModel.Arm, 3, 4, 2, 1, false)]
    [InlineData(MemoryModel.Arm, 4, 4, 2, 1, true)]
    [InlineData(MemoryModel.Arm, 3, 2, 1, 2, false)]
    [InlineData(MemoryModel.X86, 2, 2, 1, 1, false)]
    [InlineData(MemoryModel.X86, 3, 2, 1, 2, false)]
    public void No_execution_loses_alters_or_duplicates_a_message_or_a_wake_up(MemoryModel model, int queueSize, int messages, int batch,
        int slots, bool inOrder)
    {
        foreach (Direction direction in Enum.GetValues<Direction>())
        {
            foreach (Asking asking in Enum.GetValues<Asking>())
            {
                if (direction == Direction.Send && asking == Asking.ByEventAlways) continue; // about receiving
                using ExploredPackedQueue queue = new(new(direction, asking, queueSize, messages, batch, slots, inOrder), model);
                Exploration exploration = queue.Explore();
                output.WriteLine($"{direction} {asking}: {exploration}");
                Assert.True(exploration.Violation is null, $"{direction} {asking}: {exploration}");
                Assert.True(exploration.Executions > 20, $"{direction} {asking}: too few to mean anything: {exploration}");
            }
        }
    }

    [Theory]
    [InlineData(Asking.ByFlags)]
    [InlineData(Asking.ByEvent)]
    public void Driver_descriptor_and_payload_before_flags(Asking asking) =>
        BreaksOnArmOnly(BarrierKind.Release, "driver", Direction.Send, asking, "addr", "id", "len", "payload");

    [Theory]
    [InlineData(Asking.ByFlags)]
    [InlineData(Asking.ByEvent)]
    public void Driver_flags_before_reading_the_event_of_the_device(Asking asking) =>
        LosesWakeUp("driver", s_flags, Direction.Send, asking, "device sleeps for ever");

    [Theory]
    [InlineData(Asking.ByFlags, "id", "len", "payload")]
    [InlineData(Asking.ByEvent, "id", "len", "payload")]
    public void Driver_flags_before_the_used_descriptor_and_payload(Asking asking, params string[] kinds) =>
        BreaksOnArmOnly(BarrierKind.Acquire, "driver", Direction.Receive, asking, kinds);

    [Theory]
    [InlineData(Asking.ByFlags)]
    [InlineData(Asking.ByEvent)]
    [InlineData(Asking.ByEventAlways)]
    public void Driver_event_before_looking_at_flags_again(Asking asking) =>
        LosesWakeUp("driver", ["driver_event"], Direction.Receive, asking, "driver sleeps for ever");

    [Theory]
    [InlineData(Asking.ByFlags)]
    [InlineData(Asking.ByEvent)]
    public void Device_flags_before_descriptor_and_payload(Asking asking) =>
        BreaksOnArmOnly(BarrierKind.Acquire, "device", Direction.Send, asking, "addr", "id", "len", "payload");

    [Theory]
    [InlineData(Asking.ByFlags, "id", "len", "payload")]
    [InlineData(Asking.ByEvent, "id", "len", "payload")]
    public void Device_used_descriptor_and_payload_before_flags(Asking asking, params string[] kinds) =>
        BreaksOnArmOnly(BarrierKind.Release, "device", Direction.Receive, asking, kinds);

    [Theory]
    [InlineData(Asking.ByFlags)]
    [InlineData(Asking.ByEvent)]
    [InlineData(Asking.ByEventAlways)]
    public void Device_flags_before_reading_the_event_of_the_driver(Asking asking) =>
        LosesWakeUp("device", s_flags, Direction.Receive, asking, "driver sleeps for ever");

    [Theory]
    [InlineData(Asking.ByFlags)]
    [InlineData(Asking.ByEvent)]
    public void Device_event_before_looking_at_flags_again(Asking asking) =>
        LosesWakeUp("device", ["device_event"], Direction.Send, asking, "device sleeps for ever");

    /// <summary>The release of the used flags also keeps the device's loads before it: without it, the driver may write a slot anew, or
    /// fill a buffer anew, while the device still reads it. The driver's acquire is the other half.</summary>
    [Theory]
    [InlineData(BarrierKind.Release, "device")]
    [InlineData(BarrierKind.Acquire, "driver")]
    public void Device_reading_a_slot_and_its_payload_before_giving_it_back(BarrierKind kind, string side)
    {
        using ExploredPackedQueue queue = new(
            new(Direction.Send, Asking.ByEvent, 2, 3), MemoryModel.Arm, new Barrier(kind, s_flags) { By = side });
        Exploration exploration = queue.Explore();
        output.WriteLine(exploration.ToString());
        Assert.Contains("driver overwrites payload of slot's buffer 0, which device may still be reading", exploration.Violation,
            StringComparison.Ordinal);
    }

    /// <summary>Without the fence a side sleeps for ever, on both models.</summary>
    private void LosesWakeUp(string side, string[] words, Direction direction, Asking asking, string expected)
    {
        foreach (MemoryModel model in Enum.GetValues<MemoryModel>())
        {
            Barrier dropped = new(BarrierKind.Fence, words) { By = side };
            using ExploredPackedQueue queue = new(new(direction, asking, 2, 2), model, dropped);
            Exploration exploration = queue.Explore();
            output.WriteLine($"{model}: {exploration}");
            Assert.True(exploration.Violation is not null, $"{model} does not need it: {exploration}");
            Assert.StartsWith($"{expected}\n", exploration.Violation, StringComparison.Ordinal);
        }
    }

    /// <summary>Without the ordering, each of these kinds of words, read too early and no other, breaks a message on Arm; nothing breaks on
    /// x86.</summary>
    private void BreaksOnArmOnly(BarrierKind kind, string side, Direction direction, Asking asking, params string[] kinds)
    {
        Barrier dropped = new(kind, s_flags) { By = side };
        bool isReversed = direction == Direction.Receive; // so that an old id is another buffer's
        PackedTraffic traffic = new(direction, asking, 2, 2, Batch: isReversed ? 2 : 1, Reversed: isReversed);
        using ExploredPackedQueue onX86 = new(traffic, MemoryModel.X86, dropped);
        Exploration exploration = onX86.Explore();
        output.WriteLine($"x86: {exploration}");
        Assert.True(exploration.Violation is null, exploration.ToString());

        SortedSet<string> found = new(StringComparer.Ordinal);
        using ExploredPackedQueue onArm = new(traffic, MemoryModel.Arm, dropped);
        exploration = onArm.Explore(goesOn: () =>
        {
            string[] stale = [.. onArm.StaleWords.Select(word => word[..word.IndexOf(' ', StringComparison.Ordinal)]).Distinct()];
            if (stale.Length == 1) _ = found.Add(stale[0]);
            return found.Count < kinds.Length;
        });
        output.WriteLine($"Arm: {exploration}");
        Assert.True(found.SetEquals(kinds), $"Arm finds only {string.Join(", ", found)}: {exploration}");
    }
}
