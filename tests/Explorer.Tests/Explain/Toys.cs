using System.Threading.Tasks;
using RemoteprocEmu.Platform.Tasks;
using RemoteprocEmu.Platform.Trace;

namespace RemoteprocEmu.Explorer.Tests.Explain;

/// <summary>Small subjects of which everything is known.</summary>
internal static class Toys
{
    /// <summary>The rule and key of <see cref="LatePublication"/>'s finding.</summary>
    public const string UnpublishedId = "Memory: vring0 unpublished";

    /// <summary>
    /// A host that starts a remote core, which reads a table that the host fills in: after the start, as it once was, or before it.
    /// </summary>
    /// <param name="isFixed">Whether it is filled in first.</param>
    /// <param name="bystanders">Tasks that have nothing to do with it, of three steps each.</param>
    public static ToySubject LatePublication(bool isFixed = false, int bystanders = 0) => new(async run =>
    {
        VirtualScheduler scheduler = run.Scheduler;
        SharedState table = new(scheduler, "vdev1 vring0 da");
        Cpu core = scheduler.CreateCpu("remoteproc0");
        bool isPublished = false;
        Completion mapped = new(scheduler, "vdev0 mapped");

        for (int i = 0; i < bystanders; i++) scheduler.Spawn($"bystander{i}", () => PassAsync(scheduler, 3));
        KernelTask other = scheduler.Spawn("kworker/vdev1", async () =>
        {
            await scheduler.Point("rproc_virtio_find_vqs");
            await mapped.WaitAsync();
            if (isFixed) return;
            await scheduler.Point("rp_find_vq");
            table.Write();
            isPublished = true;
        });
        if (isFixed)
        {
            await scheduler.Point("rproc_handle_vdev");
            table.Write();
            isPublished = true;
        }

        await scheduler.Point("rproc_boot");
        scheduler.Trace.Emit(TraceKind.Log, "remoteproc remoteproc0: powering up <fw> & \"co\"", 6, 0);
        mapped.CompleteAll();
        await scheduler.Point("rproc_ops_start");
        scheduler.Trace.Emit(TraceKind.Step, "rproc_ops_start", 0, 0);
        KernelTask remote = scheduler.Spawn("remoteproc0", async () =>
        {
            await scheduler.Point("reads the table");
            table.Read();
            if (isPublished) return;
            run.Find(OracleRule.Memory, "vring0 unpublished", "vdev1 vring0 da is 0xffffffff when remoteproc0 reads the table", table);
        }, core);
        await remote.Ended.WaitAsync();
        await other.Ended.WaitAsync();
    });

    /// <summary>Two tasks that take two locks in different orders, or in the same.</summary>
    public static ToySubject LockInversion(bool isFixed = false) => new(async run =>
    {
        VirtualScheduler scheduler = run.Scheduler;
        Mutex first = new(scheduler, "A");
        Mutex second = new(scheduler, "B");
        KernelTask one = scheduler.Spawn("insmod", () => BothAsync(scheduler, first, second));
        (Mutex outer, Mutex inner) = isFixed ? (first, second) : (second, first);
        KernelTask two = scheduler.Spawn("rmmod", () => BothAsync(scheduler, outer, inner));
        await one.Ended.WaitAsync();
        await two.Ended.WaitAsync();
    });

    /// <summary>Fails only when a fault strikes and another task has come in between; a second fault does nothing.</summary>
    public static ToySubject FaultAndPreemption() => new(async run =>
    {
        VirtualScheduler scheduler = run.Scheduler;
        SharedState flag = new(scheduler, "flag");
        bool isSet = false;
        KernelTask other = scheduler.Spawn("setter", async () =>
        {
            await PassAsync(scheduler, 2);
            flag.Write();
            isSet = true;
        });
        await PassAsync(scheduler, 2);
        _ = scheduler.Choose(3);
        await PassAsync(scheduler, 2);
        int fault = scheduler.Choose(4);
        flag.Read();
        if (isSet && fault >= 2) run.Find(OracleRule.Leak, "flag", "the flag was set and a fault struck", flag);
        await other.Ended.WaitAsync();
    });

    private static async ValueTask PassAsync(VirtualScheduler scheduler, int steps)
    {
        for (int i = 0; i < steps; i++) await scheduler.Point($"step {i}");
    }

    private static async ValueTask BothAsync(VirtualScheduler scheduler, Mutex first, Mutex second)
    {
        await scheduler.Point("begins");
        await first.LockAsync();
        await scheduler.Point("has one");
        await second.LockAsync();
        second.Unlock();
        first.Unlock();
    }
}
