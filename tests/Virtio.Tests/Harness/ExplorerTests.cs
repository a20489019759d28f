using System;
using System.Collections.Generic;
using System.Runtime.CompilerServices;
using RemoteprocEmu.Harness;
using RemoteprocEmu.Platform.Access;
using Xunit;

namespace RemoteprocEmu.Virtio.Tests.Harness;

/// <summary>Does the explorer show what x86 may do, and nothing else? The litmus tests of memory models, on two words x and y.</summary>
public sealed class ExplorerTests
{
    [Fact]
    public void Exhaustive_choices_walk_every_sequence_once()
    {
        ExhaustiveChoices choices = new();
        List<string> seen = [];
        while (choices.MoveNext())
        {
            if (choices.Pick(2) == 0) _ = choices.Pick(3); // the second question depends on the first answer
            seen.Add(choices.ToString());
        }

        Assert.Equal(["0,0", "0,1", "0,2", "1"], seen);
    }

    [Fact]
    public void A_run_that_is_no_function_of_its_choices_is_told_so()
    {
        ExhaustiveChoices choices = new();
        Assert.True(choices.MoveNext());
        _ = choices.Pick(2);
        Assert.True(choices.MoveNext());
        Assert.Throws<InvalidOperationException>(() => choices.Pick(3));
    }

    [Fact]
    public void Store_buffering_both_may_miss_the_others_store() => // SB: the one relaxation of x86
        Assert.Equal(["0 0", "0 1", "1 0", "1 1"], Outcomes(
            words => (ExploredStore(words, 0), Load(words, 1)).Item2,
            words => (ExploredStore(words, 1), Load(words, 0)).Item2));

    [Fact]
    public void Store_buffering_with_fences_one_sees_the_others_store() =>
        Assert.Equal(["0 1", "1 0", "1 1"], Outcomes(
            words => (ExploredStore(words, 0), Fence(), Load(words, 1)).Item3,
            words => (ExploredStore(words, 1), Fence(), Load(words, 0)).Item3));

    [Fact]
    public void Message_passing_never_shows_the_flag_before_the_data() => // MP: left side yields 0; right side y then x as two digits
        Assert.Equal(["0 0", "0 1", "0 11"], Outcomes(
            words => (ExploredStore(words, 0), ExploredStore(words, 1), 0).Item3,
            words => (10 * Load(words, 1)) + Load(words, 0)));

    [Fact]
    public void A_lane_sees_its_own_stores_at_once() =>
        Assert.Equal(["1 1"], Outcomes(
            words => (ExploredStore(words, 0), Load(words, 0)).Item2,
            words => (ExploredStore(words, 1), Load(words, 1)).Item2));

    [Fact]
    public void A_failing_lane_fails_the_run_with_its_choices_and_the_explorer_goes_on()
    {
        using GuardedRegion words = new(64);
        using Explorer explorer = new(laneCount: 2);
        InvalidOperationException failure = Assert.Throws<InvalidOperationException>(() => explorer.Run(new ReplayChoices("1"),
            () => _ = Load(words, 0),
            () => throw new InvalidOperationException("boom")));
        Assert.Contains("choices 1", failure.Message, StringComparison.Ordinal);
        Assert.Contains("boom", failure.Message, StringComparison.Ordinal);
        int seen = -1;
        explorer.Run(new ReplayChoices(""), () => _ = ExploredStore(words, 0), () => seen = Load(words, 0));
        Assert.Equal(1, seen);
    }

    private static string[] Outcomes(Func<GuardedRegion, int> left, Func<GuardedRegion, int> right)
    {
        using Explorer explorer = new(laneCount: 2);
        ExhaustiveChoices choices = new();
        SortedSet<string> outcomes = new(StringComparer.Ordinal);
        while (choices.MoveNext())
        {
            using GuardedRegion words = new(64);
            int first = 0, second = 0;
            explorer.Run(choices, () => first = left(words), () => second = right(words));
            outcomes.Add($"{first} {second}");
        }

        return [.. outcomes];
    }

    private static ref Le16 Word(GuardedRegion words, int index) => ref Unsafe.As<byte, Le16>(ref words.Span[2 * index]);

    private static int ExploredStore(GuardedRegion words, int index)
    {
        ExploredAccess.StoreRelease(ref Word(words, index), 1);
        return 0;
    }

    private static int Load(GuardedRegion words, int index) => ExploredAccess.LoadAcquire(ref Word(words, index));

    private static int Fence()
    {
        ExploredAccess.FullFence();
        return 0;
    }
}
