using System;
using System.Collections.Generic;
using System.Linq;
using System.Runtime.InteropServices;
using System.Threading;
using RemoteprocEmu.Board.Bench;
using RemoteprocEmu.Board.Bench.Host;
using RemoteprocEmu.Board.Bench.Lanes;
using RemoteprocEmu.Platform.Doorbells;
using RemoteprocEmu.Platform.Memory;
using Xunit;
using Xunit.Abstractions;

namespace RemoteprocEmu.Board.Tests.Bench;

/// <summary>Every kind of case carries messages between two real threads, each message verified; nothing here is about time.</summary>
public sealed class LaneTests(ITestOutputHelper output) : IDisposable
{
    private const double RunSeconds = 0.002;

    private readonly BenchHost _host = new();

    public void Dispose() => _host.Dispose();

    /// <summary>What is reported: messages and bytes a second, kicks and copies a message; none of the latter in place.</summary>
    [Fact]
    public void RM_40_the_sweep_of_ring_payload_and_batch_reports_rates_kicks_and_copies()
    {
        List<BenchRow> rows = [.. BenchCatalog.Sweep.SelectMany(Measure)];
        foreach (BenchRow row in rows)
        {
            output.WriteLine($"{row.Case}: {row.PerSecond:n0} msg/s, {row.MegabytesPerSecond:n1} MB/s, " +
                $"{row.Kicks:f4} kicks and {row.Copies} copies a message");
            Assert.InRange(row.PerSecond, 1, double.MaxValue);
            Assert.Equal(row.PerSecond * row.Case.PayloadBytes / 1e6, row.MegabytesPerSecond, 3);
            Assert.Equal(row.Case.Copies ? 1 : 0, row.Copies);
            Assert.InRange(row.Kicks, 0, 2); // at most one each way
        }

        foreach (int ring in (int[])[16, 64, 256])
        {
            foreach (int payload in (int[])[16, 64, 496])
            {
                foreach (int batch in (int[])[1, 8, 32])
                {
                    Assert.Contains(rows, row => row.Case.Transport == BenchTransport.Rpmsg && row.Case.Ring == ring &&
                        row.Case.PayloadBytes == payload && row.Case.Batch == batch && !row.Case.Copies);
                }
            }
        }
    }

    [Fact]
    public void Every_kind_of_case_that_rproc_bench_measures_in_one_process_works()
    {
        BenchCase[] kinds =
        [
            .. BenchCatalog.All.SelectMany(group => group.All).Where(one => one.Place != BenchPlace.TwoProcesses)
                .DistinctBy(one => (one.Transport, one.Layout, one.Place, one.Wait, one.Direction, one.Copies, one.Vdevs > 1,
                    one.Endpoints > 1, one.OfferedPerSecond > 0)),
        ];
        output.WriteLine(string.Join('\n', kinds.Select(kind => kind.Name)));
        Assert.Equal(kinds, Measure(new BenchGroup("kinds", null, kinds)).Select(row => row.Case));
    }

    [Fact]
    public void A_machine_with_one_core_measures_what_one_thread_does()
    {
        int core = HostThreads.AllowedCores()[0];
        using BenchHost host = new((core, core));
        BenchSession session = new(host, new LaneFactory(host, peer: null), new BenchOptions { Runs = 1, RunSeconds = 0.001 });
        BenchGroup group = new("mixed", null,
        [
            new BenchCase { Transport = BenchTransport.Spsc },
            new BenchCase { Transport = BenchTransport.Spsc, Place = BenchPlace.OneThread },
        ]);
        BenchRow row = Assert.Single(session.Measure(group, CancellationToken.None));
        Assert.Equal(BenchPlace.OneThread, row.Case.Place);
    }

    /// <summary>In place: what is altered in the shared buffer, and nowhere else, is what the receiver sees.</summary>
    [Theory]
    [InlineData("Spsc", "None")]
    [InlineData("Ring", "Split")]
    [InlineData("Ring", "InOrder")]
    [InlineData("Ring", "Packed")]
    [InlineData("Rpmsg", "Split")]
    [InlineData("Rpmsg", "InOrder")]
    public void A_byte_that_is_altered_in_shared_memory_ends_the_run(string transportName, string layout)
    {
        BenchTransport transport = Enum.Parse<BenchTransport>(transportName);
        BenchCase benchCase = new()
        {
            Transport = transport,
            Layout = Enum.Parse<BenchLayout>(layout),
            PayloadBytes = 64,
            Batch = 4,
            Ring = 16,
        };
        MemoryTransport carrier = MemoryTransport.Of(transport);
        using SharedMemory memory = SharedMemory.Create("lane", SharedMemory.PageBytes + carrier.SizeBytes(benchCase));
        using EventFd bell = EventFd.Create();
        HalfContext context = new()
        {
            Case = benchCase,
            IsHost = true,
            Gate = BenchPeer.GateAt(memory, 0),
            OwnBell = bell,
            OtherBell = bell,
            SpinLooks = 1,
            SpinNs = 1,
        };
        LaneMemory piece = new(memory, SharedMemory.PageBytes);
        using HalfRunner host = carrier.Make(context, piece);
        using HalfRunner remote = carrier.Make(context with { IsHost = false }, piece);
        RunAlone(memory, host, new RunPlan(1, 0, 4));
        RunAlone(memory, remote, new RunPlan(1, 0, 4));
        RunAlone(memory, host, new RunPlan(2, 4, 4));
        byte[] message = new byte[64];
        Payload.Write(ref message[0], 64, 6);
        int at = memory.GetSpan().IndexOf(message);
        Assert.InRange(at, (int)SharedMemory.PageBytes, int.MaxValue);
        memory.GetSpan()[at + 63] ^= 1;
        BenchFailureException failure = Assert.Throws<BenchFailureException>(() => RunAlone(memory, remote, new RunPlan(2, 4, 4)));
        Assert.Contains("message 6", failure.Message, StringComparison.Ordinal);
    }

    /// <summary>Runs a half that believes the other to be there: both words of the gate say so.</summary>
    private static void RunAlone(SharedMemory memory, HalfRunner half, RunPlan plan)
    {
        MemoryMarshal.Write(memory.GetSpan(), plan.Run);
        MemoryMarshal.Write(memory.GetSpan()[128..], plan.Run);
        _ = half.Run(plan);
    }

    /// <summary>On a machine with one core nothing of two threads is measured; then there is nothing to look at.</summary>
    private IReadOnlyList<BenchRow> Measure(BenchGroup group)
    {
        BenchSession session = new(_host, new LaneFactory(_host, peer: null),
            new BenchOptions { Runs = 1, Attempts = 1, RunSeconds = RunSeconds, WarmUpSeconds = RunSeconds });
        return session.Measure(group, CancellationToken.None);
    }
}
