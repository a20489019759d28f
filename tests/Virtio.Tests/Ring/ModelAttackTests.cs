using System;
using System.Collections.Generic;
using System.Linq;
using System.Runtime.CompilerServices;
using RemoteprocEmu.Platform.Access;
using RemoteprocEmu.Platform.Tasks;
using RemoteprocEmu.Virtio.Fuzz;
using RemoteprocEmu.Virtio.Fuzz.Hostile;
using RemoteprocEmu.Virtio.Ring;
using Xunit;

namespace RemoteprocEmu.Virtio.Tests.Ring;

/// <summary>Can a peer who writes anything at any time hurt a half? Short runs of <c>tests/Virtio.Fuzz</c>, and that it would be
/// seen.</summary>
public sealed class ModelAttackTests
{
    [Fact]
    public void Garbage_and_lies_only_ever_give_statuses()
    {
        using HostileRun run = new(seed: 2);
        HostileResult result = run.Run(from: 0, words: 300_000);
        Assert.Null(result.Failure);
        Assert.True(result.Words >= 300_000);
    }

    [Fact]
    public void Every_episode_of_the_corpus_comes_to_what_it_was_kept_for() => Assert.Empty(EpisodeCorpus.Check(EpisodeCorpus.FindRoot()));

    [Fact]
    public void The_corpus_has_every_fault_of_each_half()
    {
        RingStatus[] driver = [RingStatus.IdOutOfRange, RingStatus.IdNotAHead];
        RingStatus[] device =
        [
            RingStatus.ChainTooLong, RingStatus.IndirectUnsupported, RingStatus.ReadableAfterWritable, RingStatus.IndirectWithNext,
            RingStatus.IndirectLength, RingStatus.IndirectUnmapped,
        ];
        RingStatus[] splitDevice =
        [
            RingStatus.IndexTooFarAhead, RingStatus.HeadOutOfRange, RingStatus.HeadTwice, RingStatus.NextOutOfRange, RingStatus.ChainLoops,
            RingStatus.IndirectNested, RingStatus.BufferUnmapped, RingStatus.WrongDirection,
        ];
        RingStatus[] packedDevice = [RingStatus.SlotNotFree, RingStatus.LinkNotAvailable];
        IEnumerable<string> expected =
        [
            .. driver.Select(status => $"split Driver {status}"), .. driver.Select(status => $"packed Driver {status}"),
            $"split Driver {RingStatus.IndexTooFarAhead}", $"split Driver {RingStatus.IdOutOfOrder}",
            .. device.Concat(splitDevice).Select(status => $"split Device {status}"),
            .. device.Concat(packedDevice).Select(status => $"packed Device {status}"),
        ];
        IEnumerable<string> found = EpisodeCorpus.Load(EpisodeCorpus.FindRoot()).Select(episode => episode.Expected);
        Assert.Equal(expected.Order(StringComparer.Ordinal), found.Where(one => one.Length != 0).Order(StringComparer.Ordinal));
    }

    [Fact]
    public void An_access_outside_of_the_queue_would_be_seen()
    {
        using Attacked attacked = new(isPacked: false);
        Assert.Contains("Device loads", attacked.Damage(QueueHalf.Device, attacked.Memory.DriverArea - 2, isStore: false),
            StringComparison.Ordinal);
        Assert.Contains("Driver stores", attacked.Damage(QueueHalf.Driver, attacked.Memory.Bytes.Length - 1, isStore: true),
            StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(false, QueueHalf.Device, 0)] // descriptor, driver and device area
    [InlineData(false, QueueHalf.Device, 1)]
    [InlineData(false, QueueHalf.Driver, 2)]
    [InlineData(true, QueueHalf.Device, 1)]
    [InlineData(true, QueueHalf.Driver, 2)]
    public void A_store_into_what_is_the_other_half_s_would_be_seen(bool isPacked, QueueHalf half, int area)
    {
        using Attacked attacked = new(isPacked);
        int[] areas = [attacked.Memory.DescriptorArea, attacked.Memory.DriverArea, attacked.Memory.DeviceArea];
        Assert.Contains("stores", attacked.Damage(half, areas[area], isStore: true), StringComparison.Ordinal);
        Assert.Null(attacked.Damage(half, areas[area], isStore: false));
    }

    [Fact]
    public void A_loop_without_a_bound_would_be_seen()
    {
        using Attacked attacked = new(isPacked: true);
        Assert.Contains("accesses in one call", attacked.Damage(QueueHalf.Device, attacked.Memory.DescriptorArea, isStore: false, 10_000),
            StringComparison.Ordinal);
    }

    /// <summary>A queue, and its liar, to whom accesses are shown that no half makes.</summary>
    private sealed class Attacked : IDisposable
    {
        private readonly Liar _liar;

        public Attacked(bool isPacked)
        {
            QueueCase queue = new(isPacked, 4, 0, RingFeatures.None, CoalescesUsed: false);
            Memory = new QueueMemory(queue);
            _liar = new Liar(queue, Memory);
            _liar.Begin(new SeededChoices(1), patience: 0);
        }

        public QueueMemory Memory { get; }

        public string? Damage(QueueHalf half, int offset, bool isStore, int times = 1)
        {
            _liar.Attack(half);
            ref Le16 cell = ref Unsafe.As<byte, Le16>(ref Memory.Bytes[offset]);
            try
            {
                for (int i = 0; i < times; i++)
                {
                    if (isStore) HostileAccess.StoreRelease(ref cell, 0);
                    else _ = HostileAccess.LoadAcquire(ref cell);
                }
            }
            catch (DamageException damage)
            {
                return damage.Message;
            }

            return null;
        }

        public void Dispose() => Memory.Dispose();
    }
}
