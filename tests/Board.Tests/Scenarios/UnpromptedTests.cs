using System.Collections.Generic;
using System.IO.Enumeration;
using System.Linq;
using RemoteprocEmu.Board.Scenarios;
using RemoteprocEmu.Explorer.Campaigns;
using RemoteprocEmu.Explorer.Scenarios;
using RemoteprocEmu.Remoteproc.Eras;
using Xunit;
using Xunit.Abstractions;

namespace RemoteprocEmu.Board.Tests.Scenarios;

/// <summary>
/// Scenarios that tell no story and merely allow everything: a small search by chance finds each known defect in the era that has it, and
/// not where the one policy is another.
/// </summary>
public sealed class UnpromptedTests(ITestOutputHelper output)
{
    private const string AnyOrder = "any-order";      // its firmware waits, and is slow
    private const string Early = "any-order-early";   // its firmware does not wait
    private const ulong Seed = 2016;

    /// <summary>
    /// Who has it, and the same but for one policy. Rings of era A and B that would live longer are another boot: there it is our own era.
    /// </summary>
    private static readonly Dictionary<string, (Era Era, Era Fixed)> s_rows = new()
    {
        ["RP-04"] = (Era.B, Era.B with { ModuleReference = ModuleReference.TakenByHandle }),
        ["RP-06"] = (Era.A, Era.Emu),
        ["RP-07"] = (Era.B, Era.Emu),
        ["RP-09"] = (Era.B, Era.Emu),
        ["RP-13"] = (Era.D, Era.D with { MessageBufferLife = MessageBufferLife.WithRings }),
        ["RP-16"] = (Era.BV1, Era.BV1 with { RecoveryForm = RecoveryForm.ShutsDownAndBoots }),
        ["RP-19"] = (Era.B, Era.B with { ModuleReference = ModuleReference.TakenByHandle }),
        ["RP-22"] = (Era.B, Era.B with { FirmwareCallback = FirmwareCallback.NotAwaited }),
        ["RP-43"] = (Era.D, Era.D with { FailedRecovery = FailedRecovery.ReleasesAll }),
        ["late mark"] = (Era.C, Era.C with { DeletionMark = DeletionMark.First }),
        ["old rings"] = (Era.C, Era.C with { VringContents = VringContents.ClearedTogether }),
    };

    [Theory]
    [InlineData("RP-04", AnyOrder, "Removability: emu_rproc cannot be removed", 2, 50)]
    [InlineData("RP-06", Early, "Memory: vdev1 vring? unpublished", 2, 50)]
    [InlineData("RP-07", Early, "Memory: vdev1 vring? unpublished", 2, 100)]
    [InlineData("RP-09", Early, "Memory: vdev0 vring? used after free", 3, 1500)]
    [InlineData("RP-13", AnyOrder, "Memory: vdev? vring? buffer used after free", 3, 1500)]
    [InlineData("RP-16", AnyOrder, "Removability: remoteproc0 power above its users", 2, 200)]
    [InlineData("RP-19", AnyOrder, "Memory: rproc_boot: *", 3, 4000)]
    [InlineData("RP-22", AnyOrder, "Deadlock: *lock*firmware_loading_complete*", 2, 200)]
    [InlineData("RP-43", AnyOrder, "Removability: remoteproc0 offline with power", 2, 500)]
    [InlineData("late mark", AnyOrder, "Removability: mcu runs without driver", 0, 1000)]
    [InlineData("old rings", Early, "BufferOwnership: vdev? vring0: IndexTooFarAhead", 2, 300)]
    public void A_defect_is_found_untold_in_its_era_and_nowhere_when_its_policy_is_the_fixed_one(
        string row, string scenario, string finding, int depth, int runs)
    {
        (Era era, Era @fixed) = s_rows[row];
        PartResult found = Search(Read(scenario), era, depth, runs, finding);
        output.WriteLine($"{row}: {found.RunCount} of {runs} runs");
        Assert.Contains(found.Findings.Keys, id => Is(id, finding));
        Assert.DoesNotContain(Search(Read(scenario), @fixed, depth, runs, finding).Findings.Keys, id => Is(id, finding));
    }

    [Theory]
    [InlineData(AnyOrder, 0)]
    [InlineData(AnyOrder, 2)]
    [InlineData(AnyOrder, 3)]
    [InlineData(AnyOrder, 5)]
    [InlineData(Early, 0)]
    [InlineData(Early, 2)]
    [InlineData(Early, 3)]
    [InlineData(Early, 5)]
    public void Our_own_era_has_no_finding(string scenario, int depth) =>
        Assert.Empty(Search(Read(scenario), Era.Emu, depth, 1000, finding: "*").Findings);

    [Theory]
    [InlineData(AnyOrder, 0)]
    [InlineData(Early, 3)]
    public void Nor_where_one_step_of_many_fails(string name, int depth)
    {
        string text = ScenarioFiles.TextOf(name)!.Replace("findings:", """
            faults:
              device_add: 1
              dma_alloc_coherent: 1
              driver_register: 1
              platform_device_register: 1
              request_firmware: 1
              rp_find_vq: 1
              rproc_alloc_vring: 1
              rproc_load_segments: 1
              rproc_ops_start: 1
              rproc_ops_stop: 1
              lose_kick: 1
            findings:
            """, System.StringComparison.Ordinal);
        Scenario scenario = ScenarioFiles.TryRead(text, name, null, out IReadOnlyList<ScenarioError> errors)!;
        Assert.Empty(errors);
        Assert.Empty(Search(scenario, Era.Emu, depth, 1000, finding: "*").Findings);
    }

    /// <summary>Runs by PCT, or evenly for depth 0, until something is found or the runs are over.</summary>
    private static PartResult Search(Scenario scenario, Era era, int depth, int runs, string finding)
    {
        using ScenarioSubject subject = new(scenario, era);
        PartResult total = new();
        RandomPlan plan = new(subject, runs, Seed, depth);
        for (int part = 0; part < plan.PartCount && !total.Findings.Keys.Any(id => Is(id, finding)); part++)
            total.Add(plan.RunPart(subject, part, result => !result.Findings.Keys.Any(id => Is(id, finding))));
        return total;
    }

    private static Scenario Read(string name) => ScenarioFiles.TryReadOwn(name, out _)!;

    private static bool Is(string id, string pattern) => FileSystemName.MatchesSimpleExpression(pattern, id);
}
