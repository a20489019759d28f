using System;
using System.Collections.Generic;
using System.Diagnostics;
using System.Linq;
using System.Threading;
using RemoteprocEmu.Firmware.Elf;

namespace RemoteprocEmu.Firmware.Fuzz;

/// <summary>Mutates a corpus and reads, now and then also checks and dumps, each input. Same seed, same inputs.</summary>
/// <remarks>
/// An input fails when anything throws, when reading it allocates a byte, when checking it allocates more than <see cref="CheckPath"/>
/// allows, when it
/// takes longer than <see cref="LongestNsMax"/>, or when the checker and the reader contradict each other.
/// </remarks>
public sealed class FuzzRun
{
    /// <summary>An input that takes longer is called a hang.</summary>
    public const long LongestNsMax = 2_000_000_000;

    private readonly ulong _seed;
    private readonly int _checkEvery;
    private readonly (Mutator Mutator, bool IsTable)[] _files;
    private long _iteration;

    /// <summary>Prepares a run.</summary>
    /// <param name="corpus">Files; a name that ends in <c>.rsc</c> is a bare table.</param>
    /// <param name="seed">Decides all inputs.</param>
    /// <param name="checkEvery">Every so many inputs are checked and dumped too; 1: all of them.</param>
    public FuzzRun(IReadOnlyList<(string Name, byte[] Bytes)> corpus, ulong seed, int checkEvery)
    {
        ArgumentOutOfRangeException.ThrowIfZero(corpus.Count, nameof(corpus));
        ArgumentOutOfRangeException.ThrowIfLessThan(checkEvery, 1);
        _seed = seed;
        _checkEvery = checkEvery;
        _files = [.. corpus.Select(file => (new Mutator(file.Bytes), file.Name.EndsWith(".rsc", StringComparison.Ordinal)))];
    }

    /// <summary>What reading found, over all inputs.</summary>
    public ReadPath Read { get; } = new();

    /// <summary>What checking found, over all inputs that were checked.</summary>
    public CheckPath Check { get; } = new();

    /// <summary>Goes on until an input fails, or all are done.</summary>
    /// <param name="from">Number of the first input.</param>
    /// <param name="count">How many inputs.</param>
    public FuzzResult Run(long from, long count)
    {
        WarmUp();
        long start = Stopwatch.GetTimestamp();
        long longest = 0, readAllocated = 0, checkAllocated = 0, checks = 0;
        long stuckAt = -1;
        using Timer watchdog = new(_ => stuckAt = Watch(stuckAt), null, TimeSpan.FromSeconds(30), TimeSpan.FromSeconds(30));
        for (_iteration = from; _iteration < from + count; _iteration++)
        {
            SplitMix random = new(_seed ^ (ulong)_iteration * 0xD6E8_FEB8_6659_FD93);
            (Mutator mutator, bool isTable) = _files[random.Below(_files.Length)];
            ReadOnlyMemory<byte> input = mutator.Next(ref random);
            bool check = _iteration % _checkEvery == 0;
            long begin = Stopwatch.GetTimestamp();
            string? failure = One(input, isTable, check, ref readAllocated, ref checkAllocated);
            long ns = (long)((Stopwatch.GetTimestamp() - begin) * (1e9 / Stopwatch.Frequency));
            longest = Math.Max(longest, ns);
            if (check) checks++;
            if (failure is null && ns > LongestNsMax) failure = $"took {ns} ns";
            if (failure is null) continue;
            double seconds = Stopwatch.GetElapsedTime(start).TotalSeconds;
            return new FuzzResult(_iteration - from + 1, checks, failure, _iteration, input.ToArray(), longest, readAllocated,
                checkAllocated, seconds);
        }

        return new FuzzResult(count, checks, null, -1, [], longest, readAllocated, checkAllocated,
            Stopwatch.GetElapsedTime(start).TotalSeconds);
    }

    private string? One(ReadOnlyMemory<byte> input, bool isTable, bool check, ref long readAllocated, ref long checkAllocated)
    {
        try
        {
            long before = GC.GetAllocatedBytesForCurrentThread();
            if (isTable) _ = Read.ReadTable(input.Span, ElfByteOrder.Little); // counted there
            else Read.ReadImage(input);
            long allocated = GC.GetAllocatedBytesForCurrentThread() - before;
            readAllocated += allocated;
            if (allocated != 0) return $"reading allocated {allocated} bytes";
            if (!check) return null;

            before = GC.GetAllocatedBytesForCurrentThread();
            string? contradiction = null;
            if (isTable) Check.DumpTable(input);
            else contradiction = Check.CheckImage(input, Read.FirstFault);
            allocated = GC.GetAllocatedBytesForCurrentThread() - before;
            checkAllocated = Math.Max(checkAllocated, allocated);
            return contradiction ?? (allocated > CheckPath.AllocatedBytesMax ? $"checking allocated {allocated} bytes" : null);
        }
#pragma warning disable CA1031 // whatever it throws is the finding
        catch (Exception exception)
#pragma warning restore CA1031
        {
            return exception.ToString();
        }
    }

    /// <summary>Runs every unbroken file once, so that what the runtime allocates at first use is not counted.</summary>
    private void WarmUp()
    {
        foreach ((string _, byte[] bytes) in Corpus.Generate())
        {
            Read.ReadImage(bytes);
            _ = Read.ReadTable(bytes, ElfByteOrder.Little); // counted there
            _ = Check.CheckImage(bytes, Read.FirstFault); // its verdict is not what is asked here
        }
    }

    private long Watch(long stuckAt)
    {
        long now = Interlocked.Read(ref _iteration);
        if (now == stuckAt) Environment.FailFast($"input {now} of seed {_seed} hangs");
        return now;
    }
}
