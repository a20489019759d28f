using System.Linq;
using System.Threading.Tasks;
using RemoteprocEmu.Cores.Programs;
using RemoteprocEmu.Platform;
using RemoteprocEmu.Platform.Tasks;
using RemoteprocEmu.Platform.Trace;
using RemoteprocEmu.Remoteproc.Lifecycle;
using Xunit;

namespace RemoteprocEmu.Remoteproc.Tests;

/// <summary>A virtual run is its choices: the same seed gives the same trace, whatever happens in it.</summary>
public sealed class DeterminismTests
{
    private static readonly byte[] s_image = Rig.Sample("rpmsg-two-vdevs.elf");

    [Fact]
    public void A_thousand_seeds_of_boot_traffic_crash_recovery_and_unload_each_give_one_trace()
    {
        ulong[] hashes = new ulong[1000];
        for (int seed = 0; seed < hashes.Length; seed++)
        {
            (ulong hash, long count) = RunOnce((ulong)seed);
            Assert.Equal((hash, count), RunOnce((ulong)seed));
            hashes[seed] = hash;
        }

        Assert.True(hashes.Distinct().Count() > 990, "seeds make different runs: otherwise equal traces prove nothing");
    }

    private static (ulong Hash, long Count) RunOnce(ulong seed)
    {
        TraceHash trace = new();
        SeededChoices choices = new(seed);
        using Rig rig = new(s_image, program: new EchoProgram(), trace: trace, choices: choices, clientSampleCount: 10);
        rig.Run(async () =>
        {
            string[] modules = ["rpmsg_client_sample", "virtio_rpmsg_bus", "emu_rproc"];
            string[] order = [.. modules.OrderBy(_ => choices.NextBits())];
            foreach (string module in order) Assert.Equal(Errno.Ok, await rig.Machine.ModprobeAsync(module));
            await SettleAsync(rig);
            rig.Rproc.ReportCrash(RprocCrashType.Watchdog);
            await SettleAsync(rig);
            Assert.Equal((RprocState.Running, 1), (rig.Rproc.State, rig.Rproc.Power));
            string module0 = order[choices.Pick(3)];
            _ = await rig.Machine.RmmodAsync(module0); // refused where another needs it
            await SettleAsync(rig);
        });
        return (trace.Value, trace.Count);
    }

    private static ValueTask SettleAsync(Rig rig) => rig.Machine.Scheduler.DelayAsync(120_000_000);
}
