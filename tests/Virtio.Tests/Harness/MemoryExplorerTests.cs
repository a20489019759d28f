using System;
using System.Collections.Generic;
using System.Runtime.CompilerServices;
using RemoteprocEmu.Harness;
using RemoteprocEmu.Platform.Access;
using Xunit;

namespace RemoteprocEmu.Virtio.Tests.Harness;

/// <summary>Does the explorer show what each memory model allows, and nothing else? The litmus tests, on two words x and y.</summary>
/// <remarks>An outcome is what each side has loaded, the first digit first.</remarks>
public sealed class MemoryExplorerTests
{
    private static readonly Barrier YStoreReleases = new(BarrierKind.Release, "y");
    private static readonly Barrier YLoadAcquires = new(BarrierKind.Acquire, "y");

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

    [Theory]
    [InlineData(MemoryModel.X86)]
    [InlineData(MemoryModel.Arm)]
    public void Store_buffering_both_may_miss_the_others_store(MemoryModel model) => // SB: what only a full fence forbids
        Assert.Equal(["0 0", "0 1", "1 0", "1 1"], Outcomes(model, null,
            words => { Store(words, "x"); return Load(words, "y"); },
            words => { Store(words, "y"); return Load(words, "x"); }));

    [Theory]
    [InlineData(MemoryModel.X86)]
    [InlineData(MemoryModel.Arm)]
    public void Store_buffering_with_one_fence_both_may_miss_it_too(MemoryModel model) =>
        Assert.Equal(["0 0", "0 1", "1 0", "1 1"], Outcomes(model, null,
            words => { Store(words, "x"); ExploredAccess.FullFence(); return Load(words, "y"); },
            words => { Store(words, "y"); return Load(words, "x"); }));

    [Theory]
    [InlineData(MemoryModel.X86)]
    [InlineData(MemoryModel.Arm)]
    public void Store_buffering_with_fences_one_sees_the_others_store(MemoryModel model) =>
        Assert.Equal(["0 1", "1 0", "1 1"], Outcomes(model, null,
            words => { Store(words, "x"); ExploredAccess.FullFence(); return Load(words, "y"); },
            words => { Store(words, "y"); ExploredAccess.FullFence(); return Load(words, "x"); }));

    [Theory]
    [InlineData(MemoryModel.X86)]
    [InlineData(MemoryModel.Arm)]
    public void Message_passing_never_shows_the_flag_before_the_data(MemoryModel model) => // MP: x is the data, y the flag
        Assert.Equal(["0 0", "0 1", "0 11"], MessagePassing(model, null));

    [Fact]
    public void Message_passing_without_release_shows_the_flag_first_on_Arm_and_not_on_x86()
    {
        Assert.Equal(["0 0", "0 1", "0 10", "0 11"], MessagePassing(MemoryModel.Arm, YStoreReleases));
        Assert.Equal(["0 0", "0 1", "0 11"], MessagePassing(MemoryModel.X86, YStoreReleases));
    }

    [Fact]
    public void Message_passing_without_acquire_shows_the_flag_first_on_Arm_and_not_on_x86()
    {
        Assert.Equal(["0 0", "0 1", "0 10", "0 11"], MessagePassing(MemoryModel.Arm, YLoadAcquires));
        Assert.Equal(["0 0", "0 1", "0 11"], MessagePassing(MemoryModel.X86, YLoadAcquires));
    }

    [Fact]
    public void Full_fences_order_what_neither_releases_nor_acquires() =>
        Assert.Equal(["0 0", "0 1", "0 11"], Outcomes(MemoryModel.Arm, new Barrier(BarrierKind.Release, "x", "y"),
            words => { Store(words, "x"); ExploredAccess.FullFence(); Store(words, "y"); return 0; },
            words => { int flag = LoadPlain(words, "y"); ExploredAccess.FullFence(); return (10 * flag) + Load(words, "x"); }));

    [Fact]
    public void Two_loads_of_one_word_never_go_back() => // CoRR
        Assert.Equal(["0 0", "0 1", "0 11"], Outcomes(MemoryModel.Arm, new Barrier(BarrierKind.Acquire, "x"),
            words => { Store(words, "x"); return 0; },
            words => { int once = Load(words, "x"); return (10 * once) + Load(words, "x"); }));

    [Fact]
    public void A_load_does_not_pass_a_later_store_of_an_index_word() => // LB: Arm allows "1 1" without acquire and release
        Assert.Equal(["0 0", "0 1", "1 0"], Outcomes(MemoryModel.Arm, null,
            words => { int seen = Load(words, "x"); Store(words, "y"); return seen; },
            words => { int seen = Load(words, "y"); Store(words, "x"); return seen; }));

    [Theory]
    [InlineData(MemoryModel.X86)]
    [InlineData(MemoryModel.Arm)]
    public void A_side_sees_its_own_stores_at_once(MemoryModel model) =>
        Assert.Equal(["1 1"], Outcomes(model, null,
            words => { Store(words, "x"); return Load(words, "x"); },
            words => { Store(words, "y"); return Load(words, "y"); }));

    [Fact]
    public void A_plain_store_onto_what_the_other_side_may_still_read_is_a_violation()
    {
        Assert.Null(ReadThenOverwritten(dropped: null).Violation);
        string? violation = ReadThenOverwritten(YStoreReleases).Violation; // the reader's "done" may come before its load
        Assert.StartsWith("second overwrites x, which first may still be reading\n", violation, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(MemoryModel.X86)]
    [InlineData(MemoryModel.Arm)]
    public void A_word_that_is_handed_back_and_forth_is_read_as_it_was_stored_last(MemoryModel model) => // x goes 0, 1, 2, 3
        Assert.Equal(["0 0", "0 1", "2 1", "2 3"], Outcomes(model, null,
            words => { Store(words, "x"); int back = Load(words, "x"); return back == 2 ? Then(words, 3, 2) : 0; },
            words => { if (Load(words, "x") != 1) return 0; return Then(words, 2, 1) == 0 ? 0 : Load(words, "x") == 3 ? 3 : 1; }));

    [Fact]
    public void A_store_onto_what_the_other_side_may_just_have_stored_is_a_violation()
    {
        using Words words = new(MemoryModel.X86, null);
        Exploration exploration = words.Explorer.Explore(words.Clear, () => Store(words, "x"), () => Store(words, "x"));
        Assert.StartsWith("second overwrites x, which first may just have written\n", exploration.Violation, StringComparison.Ordinal);
    }

    [Fact]
    public void One_side_may_leave_out_an_ordering_that_the_other_keeps()
    {
        Barrier byFirst = YStoreReleases with { By = "first" };
        Assert.Equal(["0 0", "0 1", "0 10", "0 11"], MessagePassing(MemoryModel.Arm, byFirst));
        Assert.Equal(["0 0", "0 1", "0 11"], MessagePassing(MemoryModel.Arm, byFirst with { By = "second" }));
    }

    [Fact]
    public void A_sleeper_that_nobody_wakes_is_a_violation_and_its_story_is_told()
    {
        using Words words = new(MemoryModel.X86, null);
        Exploration exploration = words.Explorer.Explore(words.Clear,
            () => { Store(words, "x"); if (Load(words, "y") == 1) words.Explorer.Notify(); },
            () => { Store(words, "y"); if (Load(words, "x") == 0) words.Explorer.Sleep(); });
        Assert.Equal(
            """
            second sleeps for ever
              first stores x = 0x1
              first loads y = 0x0
              second stores y = 0x1
              second loads x = 0x0 (newer: 1)
            """, exploration.Violation);

        Assert.Equal(RunOutcome.Violation, words.Explorer.Run(new ReplayChoices(exploration.Trail), () => { }, words.Explorer.Sleep));
    }

    [Fact]
    public void Who_wakes_knows_what_was_done_before_the_notification() =>
        Assert.Equal(["0 1"], Outcomes(MemoryModel.Arm, null,
            words => { Store(words, "x"); words.Explorer.Notify(); return 0; },
            words => { words.Explorer.Sleep(); return LoadPlain(words, "x"); }));

    [Fact]
    public void A_failing_side_fails_the_run_with_its_choices_and_the_explorer_goes_on()
    {
        using Words words = new(MemoryModel.X86, null);
        InvalidOperationException failure = Assert.Throws<InvalidOperationException>(() => words.Explorer.Run(new ReplayChoices("1"),
            () => _ = Load(words, "x"),
            () => throw new InvalidOperationException("boom")));
        Assert.Contains("choices 1", failure.Message, StringComparison.Ordinal);
        Assert.Contains("boom", failure.Message, StringComparison.Ordinal);
        int seen = -1;
        Assert.Equal(RunOutcome.Complete,
            words.Explorer.Run(new ReplayChoices(""), () => Store(words, "x"), () => seen = Load(words, "x")));
        Assert.Equal(1, seen);
    }

    private static string[] MessagePassing(MemoryModel model, Barrier? dropped) => Outcomes(model, dropped,
        words => { Store(words, "x"); Store(words, "y"); return 0; },
        words => { int flag = Load(words, "y"); return (10 * flag) + Load(words, "x"); });

    private static Exploration ReadThenOverwritten(Barrier? dropped)
    {
        using Words words = new(MemoryModel.Arm, dropped);
        return words.Explorer.Explore(words.Clear,
            () => { _ = LoadPlain(words, "x"); Store(words, "y"); },
            () => { if (Load(words, "y") == 1) ExploredAccess.Store(ref words["x"], new Le16(1)); });
    }

    private static string[] Outcomes(MemoryModel model, Barrier? dropped, Func<Words, int> first, Func<Words, int> second)
    {
        using Words words = new(model, dropped);
        ExhaustiveChoices choices = new();
        SortedSet<string> outcomes = new(StringComparer.Ordinal);
        while (choices.MoveNext())
        {
            words.Clear();
            int left = 0, right = 0;
            RunOutcome outcome = words.Explorer.Run(choices, () => left = first(words), () => right = second(words));
            Assert.NotEqual(RunOutcome.Violation, outcome);
            if (outcome == RunOutcome.Complete) _ = outcomes.Add($"{left} {right}");
        }

        return [.. outcomes];
    }

    private static void Store(Words words, string name) => ExploredAccess.StoreRelease(ref words[name], 1);

    private static int Then(Words words, ushort value, int result)
    {
        ExploredAccess.StoreRelease(ref words["x"], value);
        return result;
    }

    private static int Load(Words words, string name) => ExploredAccess.LoadAcquire(ref words[name]);

    private static int LoadPlain(Words words, string name) => ExploredAccess.Load(ref words[name]).Value;

    private sealed class Words : IDisposable
    {
        private readonly GuardedRegion _region = new(4);

        public Words(MemoryModel model, Barrier? dropped)
        {
            Explorer = new MemoryExplorer(model, dropped);
            Explorer.Name(_region.Span[..2], "x");
            Explorer.Name(_region.Span[2..], "y");
        }

        public MemoryExplorer Explorer { get; }

        public ref Le16 this[string name] => ref Unsafe.As<byte, Le16>(ref _region.Span[name == "x" ? 0 : 2]);

        public void Clear() => _region.Span.Clear();

        public void Dispose() => _region.Dispose();
    }
}
