using System.Threading.Tasks;
using BenchmarkDotNet.Attributes;
using RemoteprocEmu.Platform.Tasks;

namespace RemoteprocEmu.Benchmarks.Micro;

/// <summary>What do the primitives of lifecycle code cost on the virtual scheduler, each?</summary>
[MemoryDiagnoser]
public class TaskBenchmarks
{
    private const int Count = 1_000;

    [Benchmark(OperationsPerInvoke = Count, Description = "mutex nobody else wants: lock, unlock")]
    public void UncontendedMutex()
    {
        VirtualScheduler scheduler = new();
        Mutex mutex = new(scheduler, "lock");
        int locked = 0;
        scheduler.Run(async () =>
        {
            for (int i = 0; i < Count; i++)
            {
                await mutex.LockAsync();
                locked++;
                mutex.Unlock();
            }
        });
        Check.That(locked == Count && mutex.Owner is null, "every lock was had and given back");
    }

    [Benchmark(OperationsPerInvoke = Count, Description = "scheduling point, alone")]
    public void PointAlone()
    {
        VirtualScheduler scheduler = new();
        int passed = 0;
        scheduler.Run(async () =>
        {
            for (; passed < Count; passed++) await scheduler.Point("step");
        });
        Check.That(passed == Count && scheduler.DecisionCount == 0, "a point with one task ready asks nobody");
    }

    [Benchmark(OperationsPerInvoke = Count, Description = "scheduling point that switches between two tasks")]
    public void PointThatSwitches()
    {
        VirtualScheduler scheduler = new(new LastChoice());
        int passed = 0;
        async ValueTask Body()
        {
            for (int i = 0; i < Count / 2; i++)
            {
                await scheduler.Point("step");
                passed++;
            }
        }

        scheduler.Run(async () =>
        {
            KernelTask other = scheduler.Spawn("other", Body);
            await Body();
            _ = await other.Ended.WaitAsync(); // no timeout
        });
        Check.That(passed == Count && scheduler.SwitchCount >= Count, "each point gave way to the other task");
    }

    [Benchmark(OperationsPerInvoke = Count, Description = "spawn a task and see it end")]
    public void SpawnAndEnd()
    {
        VirtualScheduler scheduler = new();
        int ran = 0;
        scheduler.Run(async () =>
        {
            for (int i = 0; i < Count; i++)
            {
                KernelTask task = scheduler.Spawn("task", () =>
                {
                    ran++;
                    return ValueTask.CompletedTask;
                });
                _ = await task.Ended.WaitAsync(); // no timeout
            }
        });
        Check.That(ran == Count && scheduler.LiveTasks.Count == 0, "every task ran and ended");
    }

    [Benchmark(OperationsPerInvoke = Count, Description = "15 s timeout that runs out, in virtual time")]
    public void TimeoutThatRunsOut()
    {
        VirtualScheduler scheduler = new();
        Completion never = new(scheduler, "never");
        int timedOut = 0;
        scheduler.Run(async () =>
        {
            for (int i = 0; i < Count; i++)
            {
                if (!await never.WaitAsync(15_000_000_000)) timedOut++;
            }
        });
        Check.That(timedOut == Count && scheduler.NowNs == Count * 15_000_000_000L, "every wait lasted 15 s");
    }

    /// <summary>Gives way whenever it is asked.</summary>
    private sealed class LastChoice : IChoices
    {
        public int Pick(int bound) => bound - 1;
    }
}
