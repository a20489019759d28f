using System.Linq;
using RemoteprocEmu.Virtio.Fuzz;
using RemoteprocEmu.Virtio.Fuzz.Conformance;
using RemoteprocEmu.Virtio.Ring;
using Xunit;

namespace RemoteprocEmu.Virtio.Tests.Ring;

/// <summary>Are the rings the same as the slow, obvious models of the specification? Short runs of <c>tests/Virtio.Fuzz</c>.</summary>
public sealed class ModelTests
{
    private static readonly QueueCase s_split = new(false, 4, 0, RingFeatures.EventIndex | RingFeatures.InOrder, CoalescesUsed: false);

    [Fact]
    public void Ring_and_model_agree_on_every_kind_of_queue()
    {
        (ConformanceResult result, _) = ConformanceSuite.Run(operations: 600_000, seed: 3);
        Assert.Null(result.Failure);
        Assert.True(result.Rounds > 50_000, $"only {result.Rounds} chains went round");
    }

    [Theory]
    [InlineData(false, 1, 0)]
    [InlineData(false, 1, 7)]
    [InlineData(false, 2, 1)]
    [InlineData(false, 8, 3)]
    [InlineData(true, 1, 7)]
    [InlineData(true, 3, 1)]
    [InlineData(true, 7, 3)]
    public void Ring_and_model_agree_across_the_wrap_of_the_index(bool isPacked, int queueSize, int features)
    {
        QueueCase queue = QueueCase.All.First(one =>
            one.IsPacked == isPacked && one.QueueSize == queueSize && one.Features == (RingFeatures)features);
        using ConformanceRun run = new(queue, seed: 4);
        ConformanceResult result = new(0, 0, null);
        while (result.Rounds < 70_000 && result.Failure is null) result = run.Run(operations: 50_000);
        Assert.Null(result.Failure);
    }

    [Theory]
    [InlineData(32768, RingFeatures.EventIndex)]
    [InlineData(32767, RingFeatures.InOrder | RingFeatures.EventIndex)]
    public void The_largest_packed_ring_and_its_model_agree_across_wraps_of_the_ring(int queueSize, RingFeatures features)
    {
        using ConformanceRun run = new(new QueueCase(true, queueSize, 0, features, CoalescesUsed: true), seed: 5);
        ConformanceResult result = new(0, 0, null);
        while (result.Rounds < 3 * queueSize && result.Failure is null) result = run.Run(operations: 50_000);
        Assert.Null(result.Failure);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void A_ring_that_is_not_what_its_model_is_differs_from_it(bool isPacked)
    {
        QueueCase queue = s_split with { IsPacked = isPacked };
        Differs(queue, queue with { Features = RingFeatures.EventIndex });
        Differs(queue, queue with { Features = RingFeatures.InOrder });
        Differs(queue with { Features = RingFeatures.InOrder }, queue);
        Differs(queue with { CoalescesUsed = true }, queue);
    }

    [Fact]
    public void A_queue_of_another_size_differs_from_its_model() =>
        Differs(s_split with { IsPacked = true }, s_split with { IsPacked = true, QueueSize = 3 });

    [Fact]
    public void Equal_seeds_are_equal_runs()
    {
        ConformanceResult first = ConformanceRun.Run(s_split, operations: 10_000, seed: 6);
        Assert.Equal(first, ConformanceRun.Run(s_split, operations: 10_000, seed: 6));
        Assert.NotEqual(first, ConformanceRun.Run(s_split, operations: 10_000, seed: 7));
    }

    private static void Differs(QueueCase queue, QueueCase modelled)
    {
        using ConformanceRun run = new(queue, seed: 1, modelled);
        Assert.NotNull(run.Run(operations: 10_000).Failure);
    }
}
