using System;
using System.Collections.Generic;
using System.IO;
using RemoteprocEmu.Firmware.Elf;
using RemoteprocEmu.Firmware.Fuzz;
using RemoteprocEmu.Firmware.Loading;
using RemoteprocEmu.Firmware.ResourceTable;
using Xunit;

namespace RemoteprocEmu.Firmware.Tests.Fuzz;

/// <summary>A short run of <c>tests/Firmware.Fuzz</c>, which must reach what it claims to test.</summary>
public sealed class FuzzTests
{
    [Fact]
    public void Mutated_images_and_tables_yield_statuses_only_and_reach_every_one_of_them()
    {
        FuzzRun run = new(Corpus.Load(Corpus.FindRoot()), seed: 1, checkEvery: 8);

        FuzzResult result = run.Run(from: 0, count: 50_000);

        Assert.Null(result.Failure);
        Assert.Equal((50_000, 6_250, 0), (result.Iterations, result.Checked, result.ReadAllocatedBytes));
        Assert.DoesNotContain(Enum.GetValues<ElfStatus>(), status => run.Read.ElfCounts[(int)status] == 0);
        Assert.DoesNotContain(Enum.GetValues<LoadStatus>(), status => run.Read.LoadCounts[(int)status] == 0);
        Assert.DoesNotContain(Enum.GetValues<ResourceTableStatus>(), status =>
            run.Read.TableCounts[(int)status] == 0 && status != ResourceTableStatus.ConfigOutOfRange); // that one is the write-back's
    }

    [Fact]
    public void The_same_seed_makes_the_same_inputs_and_one_of_them_can_be_made_alone()
    {
        IReadOnlyList<(string Name, byte[] Bytes)> corpus = Corpus.Generate();
        FuzzRun whole = new(corpus, seed: 7, checkEvery: 100), again = new(corpus, seed: 7, checkEvery: 100),
            alone = new(corpus, seed: 7, checkEvery: 100);
        _ = whole.Run(from: 0, count: 999);
        _ = again.Run(from: 0, count: 999);
        Assert.Equal(whole.Read.Checksum, again.Read.Checksum);

        // Each run first reads the unbroken files, so a run of one input after another adds what a run of it alone does.
        ulong before = whole.Read.Checksum;
        _ = whole.Run(from: 999, count: 1);
        _ = alone.Run(from: 999, count: 1);
        Assert.Equal(whole.Read.Checksum - before, alone.Read.Checksum);
    }

    [Fact]
    public void The_committed_corpus_is_what_the_generator_makes()
    {
        string folder = Path.Combine(Corpus.FindRoot(), "tests/corpus/firmware");
        foreach ((string name, byte[] bytes) in Corpus.Generate())
        {
            Assert.Equal(bytes, File.ReadAllBytes(Path.Combine(folder, name)));
        }
    }
}
