using System.Collections.Generic;
using System.Linq;
using RemoteprocEmu.Platform.Tasks;
using RemoteprocEmu.Virtio.Ring;
using Xunit;

namespace RemoteprocEmu.Virtio.Tests.Ring;

/// <summary>Is the ring the same as the slow, obvious queue? Random operations of both halves, always across the wrap of the
/// index.</summary>
public sealed class ModelTests
{
    [Theory]
    [InlineData(1, false, 1)]
    [InlineData(2, true, 2)]
    [InlineData(4, false, 3)]
    [InlineData(4, true, 4)]
    [InlineData(16, true, 5)]
    [InlineData(64, false, 6)]
    public void Fast_and_slow_agree_on_everything(int queueSize, bool eventIndex, ulong seed)
    {
        SeededChoices choices = new(seed);
        using TestQueue queue = new(queueSize, eventIndex);
        SlowQueue slow = new(queueSize, eventIndex);
        List<ushort> heads = []; // of the chains taken, in the order in which the slow queue holds them
        VringSegment[] scratch = new VringSegment[queueSize];
        long returned = 0;
        for (int step = 0; returned < 70_000; step++)
        {
            ushort before = queue.UsedIndex;
            switch (choices.Pick(13))
            {
                case 0 or 1 or 2: Offer(queue, slow, choices, token: step); break;
                case 3:
                    queue.Driver.Publish();
                    slow.PublishOffers();
                    break;
                case 4: Assert.Equal(slow.ShouldKick(), queue.Driver.ShouldKick()); break;
                case 5 or 6: Take(queue, slow, heads, scratch); break;
                case 7: Return(queue, slow, heads, choices); break;
                case 8: Assert.Equal(slow.ShouldInterrupt(), queue.Device.ShouldInterrupt()); break;
                case 9 or 10: Reclaim(queue, slow); break;
                case 11: ArmOrDisarm(queue, slow, choices); break;
                default:
                    queue.Device.Publish();
                    slow.PublishReturns();
                    break;
            }
            Assert.Equal(slow.FreeCount, queue.DriverState.FreeCount);
            Assert.Equal(slow.TakenCount, queue.DeviceState.TakenCount);
            returned += (ushort)(queue.UsedIndex - before);
        }
        Assert.True(queue.Region.GuardsAreWhole);
    }

    private static void Offer(TestQueue queue, SlowQueue slow, SeededChoices choices, int token)
    {
        int count = 1 + choices.Pick(4);
        int readableCount = choices.Pick(count + 1);
        List<VringSegment> segments = [];
        for (int i = 0; i < count; i++) segments.Add(new VringSegment(choices.NextBits(), (uint)choices.NextBits()));
        VringSegment[] readable = [.. segments.Take(readableCount)];
        VringSegment[] writable = [.. segments.Skip(readableCount)];
        RingStatus expected = slow.Offer(segments, readableCount, token);
        Assert.Equal(expected, count == 1
            ? queue.Driver.TryOffer(segments[0], writable: readableCount == 0, token)
            : queue.Driver.TryOffer(readable, writable, token));
    }

    private static void Take(TestQueue queue, SlowQueue slow, List<ushort> heads, VringSegment[] scratch)
    {
        SlowQueue.Chain? expected = slow.Take();
        RingStatus status = queue.Device.TryTake(scratch, out DescriptorChain chain);
        Assert.Equal(expected is null ? RingStatus.Empty : RingStatus.Ok, status);
        if (expected is null) return;
        Assert.Equal(expected.Segments.Take(expected.ReadableCount), chain.Readable.ToArray());
        Assert.Equal(expected.Segments.Skip(expected.ReadableCount), chain.Writable.ToArray());
        heads.Add(chain.Head);
    }

    private static void Return(TestQueue queue, SlowQueue slow, List<ushort> heads, SeededChoices choices)
    {
        if (heads.Count == 0) return;
        int which = choices.Pick(heads.Count);
        uint written = (uint)choices.NextBits();
        queue.Device.Return(heads[which], written);
        slow.Return(which, written);
        heads.RemoveAt(which);
    }

    private static void Reclaim(TestQueue queue, SlowQueue slow)
    {
        SlowQueue.Chain? expected = slow.Reclaim();
        RingStatus status = queue.Driver.TryReclaim(out int token, out uint written);
        Assert.Equal(expected is null ? RingStatus.Empty : RingStatus.Ok, status);
        if (expected is not null) Assert.Equal((expected.Token, expected.WrittenBytes), (token, written));
    }

    private static void ArmOrDisarm(TestQueue queue, SlowQueue slow, SeededChoices choices)
    {
        switch (choices.Pick(4))
        {
            case 0: Assert.Equal(slow.ArmKick(), queue.Device.ArmKick()); break;
            case 1: Assert.Equal(slow.ArmInterrupt(), queue.Driver.ArmInterrupt()); break;
            case 2:
                queue.Device.DisarmKick();
                slow.DisarmKick();
                break;
            default:
                queue.Driver.DisarmInterrupt();
                slow.DisarmInterrupt();
                break;
        }
    }
}
