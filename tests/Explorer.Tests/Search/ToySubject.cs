using System;
using System.Collections.Generic;
using System.Globalization;
using System.Text;
using System.Threading.Tasks;
using RemoteprocEmu.Explorer.Search;
using RemoteprocEmu.Platform.Doorbells;
using RemoteprocEmu.Platform.Tasks;
using RemoteprocEmu.Platform.Trace;

namespace RemoteprocEmu.Explorer.Tests.Search;

/// <summary>What a toy task does next.</summary>
internal enum ToyOp
{
    Read, Write, Increment, LockedIncrement, Complete, Wait, SpawnWriter, Choose, Sleep, Touchless, CompleteOne, WaitLong, NestedLock,
    Ring, Answer, AnswerLong,
}

/// <summary>Tasks that do a few small things to shared variables; all that such a program does is in its outcome.</summary>
internal sealed class ToySubject(params (ToyOp Op, int Target)[][] tasks) : ISubject
{
    public const int VariableCount = 3;

    /// <summary>Set to forget a touch: the reduction must then miss something.</summary>
    public bool ForgetsWrites { get; init; }

    /// <summary>A program by chance, of all there is to do, or of a few things that are then done more often.</summary>
    public static ToySubject Random(ulong seed, int taskCount, int opCount, int variableCount, params ReadOnlySpan<ToyOp> only)
    {
        SeededChoices chance = new(seed);
        ReadOnlySpan<ToyOp> ops = only.Length > 0 ? only : Enum.GetValues<ToyOp>();
        (ToyOp, int)[][] tasks = new (ToyOp, int)[taskCount][];
        for (int i = 0; i < taskCount; i++)
        {
            tasks[i] = new (ToyOp, int)[opCount];
            for (int j = 0; j < opCount; j++) tasks[i][j] = (ops[chance.Pick(ops.Length)], chance.Pick(variableCount));
        }

        return new ToySubject(tasks);
    }

    public RunResult Run(Schedule schedule, ITraceSink? trace = null)
    {
        VirtualScheduler scheduler = new(schedule, trace);
        World world = new(scheduler, ForgetsWrites);
        List<Finding> findings = [];
        try
        {
            scheduler.Run(async () =>
            {
                List<KernelTask> running = [];
                for (int i = 0; i < tasks.Length; i++)
                {
                    (ToyOp, int)[] ops = tasks[i];
                    StringBuilder log = world.NewLog();
                    Doorbell bell = new(scheduler, $"bell {i}", tasks.Length);
                    world.Bells.Add(bell);
                    running.Add(scheduler.Spawn($"toy{i}", () => world.RunAsync(ops, log, bell)));
                }

                foreach (KernelTask task in running) _ = await task.Ended.WaitAsync();
                await scheduler.DelayAsync(1_000_000); // writers that were spawned end
                schedule.Close();
            });
        }
        catch (DeadlockException deadlock)
        {
            findings.Add(new Finding(OracleRule.Deadlock, "deadlock", deadlock.Message, "", scheduler.NowNs));
        }

        schedule.Close();
        return new RunResult(findings, world.Outcome() + (findings.Count > 0 ? " deadlock" : ""));
    }

    public void Dispose() { }

    private sealed class World
    {
        private readonly VirtualScheduler _scheduler;
        private readonly bool _forgetsWrites;
        private readonly int[] _values = new int[VariableCount];
        private readonly SharedState[] _states = new SharedState[VariableCount];
        private readonly Mutex[] _locks = new Mutex[2];
        private readonly Completion[] _completions = new Completion[VariableCount];
        private readonly List<StringBuilder> _logs = [];

        public World(VirtualScheduler scheduler, bool forgetsWrites)
        {
            _scheduler = scheduler;
            _forgetsWrites = forgetsWrites;
            for (int i = 0; i < VariableCount; i++)
            {
                _states[i] = new SharedState(scheduler, $"variable {i}");
                _completions[i] = new Completion(scheduler, $"completion {i}");
            }

            for (int i = 0; i < _locks.Length; i++) _locks[i] = new Mutex(scheduler, $"lock {i}");
        }

        /// <summary>One for each task, which alone answers it.</summary>
        public List<Doorbell> Bells { get; } = [];

        public StringBuilder NewLog()
        {
            _logs.Add(new StringBuilder());
            return _logs[^1];
        }

        public string Outcome() => string.Join(',', _values) + " | " + string.Join(" | ", _logs);

        public async ValueTask RunAsync((ToyOp Op, int Target)[] ops, StringBuilder log, Doorbell bell)
        {
            foreach ((ToyOp op, int target) in ops) await StepAsync(op, target, log, bell);
        }

        private async ValueTask StepAsync(ToyOp op, int target, StringBuilder log, Doorbell bell)
        {
            switch (op)
            {
                case ToyOp.Read:
                    await _scheduler.Point("read");
                    _ = log.Append(CultureInfo.InvariantCulture, $"r{Load(target)} ");
                    break;
                case ToyOp.Write:
                    await _scheduler.Point("write");
                    Store(target, 100 + _logs.IndexOf(log));
                    break;
                case ToyOp.Increment: // not atomic: others may come between
                    await _scheduler.Point("load");
                    int value = Load(target);
                    await _scheduler.Point("store");
                    Store(target, value + 1);
                    break;
                case ToyOp.LockedIncrement:
                    await _locks[0].LockAsync();
                    value = Load(target);
                    await _scheduler.Point("store");
                    Store(target, value + 1);
                    _locks[0].Unlock();
                    break;
                case ToyOp.NestedLock:
                    await _locks[target & 1].LockAsync();
                    await _locks[1 - (target & 1)].LockAsync();
                    Store(target, Load(target) * 2);
                    _locks[1 - (target & 1)].Unlock();
                    _locks[target & 1].Unlock();
                    break;
                case ToyOp.Complete:
                case ToyOp.CompleteOne:
                    await _scheduler.Point("complete");
                    if (op == ToyOp.CompleteOne) _completions[target].Complete();
                    else _completions[target].CompleteAll();
                    break;
                case ToyOp.Wait:
                    _ = log.Append(await _completions[target].WaitAsync(5_000) ? "w1 " : "w0 ");
                    break;
                case ToyOp.WaitLong: // a deadlock when nobody completes
                    _ = await _completions[target].WaitAsync();
                    _ = log.Append("W ");
                    break;
                case ToyOp.Ring: // each task a line of its own
                    await _scheduler.Point("ring");
                    _ = Bells[target % Bells.Count].Ring(_logs.IndexOf(log));
                    break;
                case ToyOp.Answer:
                case ToyOp.AnswerLong: // a deadlock when nobody rings
                    _ = await bell.WaitAsync(op == ToyOp.Answer ? 5_000 : Scheduler.Forever);
                    while (bell.TryTake(out int line)) _ = log.Append(CultureInfo.InvariantCulture, $"b{line} ");
                    break;
                case ToyOp.SpawnWriter:
                    _ = _scheduler.Spawn("writer", () => AddTenAsync(target));
                    break;
                case ToyOp.Choose:
                    _ = log.Append(CultureInfo.InvariantCulture, $"c{_scheduler.Choose(2)} ");
                    break;
                case ToyOp.Sleep:
                    await _scheduler.DelayAsync(1_000 * (target + 1));
                    break;
                default:
                    await _scheduler.Point("nothing");
                    break;
            }
        }

        private async ValueTask AddTenAsync(int target)
        {
            await _scheduler.Point("spawned write");
            Store(target, Load(target) + 10);
        }

        private int Load(int target)
        {
            _states[target].Read();
            return _values[target];
        }

        private void Store(int target, int value)
        {
            if (!_forgetsWrites) _states[target].Write();
            _values[target] = value;
        }
    }
}
