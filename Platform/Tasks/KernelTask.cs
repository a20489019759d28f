using System;
using System.Threading;
using System.Threading.Tasks;

namespace RemoteprocEmu.Platform.Tasks;

/// <summary>What a task is doing.</summary>
public enum KernelTaskState
{
    /// <summary>Could run, and waits for its processor.</summary>
    Ready,
    /// <summary>Runs.</summary>
    Running,
    /// <summary>On its way to sleep; a wake-up that comes now is not lost.</summary>
    Parking,
    /// <summary>Sleeps until woken, killed, or its timeout.</summary>
    Parked,
    /// <summary>Was woken while still on its way to sleep.</summary>
    WokenEarly,
    /// <summary>Has ended.</summary>
    Done,
}

/// <summary>One hand that moves: a module being inserted, a work item, an interrupt, a remote core's program.</summary>
/// <remarks>
/// Tasks are the only thing that moves in a machine. They move only through the primitives of this folder; its fields
/// belong to the <see cref="Scheduler"/>, under the scheduler's gate.
/// </remarks>
public sealed class KernelTask
{
    private static readonly NameSeries s_power = new("", " power");

    private readonly Func<ValueTask> _body;
    private bool _killRequested;
    private uint _childCount;

    internal KernelTask(Scheduler scheduler, int id, KernelTask? parent, string name, Cpu cpu, bool isDaemon, Func<ValueTask> body)
    {
        Id = id;
        Key = parent is null ? 1 : (parent.Key * 0x9E37_79B9_7F4A_7C15) + ++parent._childCount;
        Name = name;
        Cpu = cpu;
        IsDaemon = isDaemon;
        Ended = new Completion(scheduler, name) { ExpectedFrom = this };
        _body = body;
        Continuation = Begin;
    }

    /// <summary>Number in order of creation, from 1.</summary>
    public int Id { get; }

    /// <summary>
    /// Number by descent: the n-th task that its parent has created has the same in every run, whatever else happened meanwhile.
    /// </summary>
    public ulong Key { get; }

    /// <summary>What a person calls it, for instance <c>kworker/rproc_recovery</c>.</summary>
    public string Name { get; }

    /// <summary>The processor it runs on.</summary>
    public Cpu Cpu { get; }

    /// <summary>A daemon may sleep for ever; nobody waits for it to end.</summary>
    public bool IsDaemon { get; }

    /// <summary>What it is doing.</summary>
    public KernelTaskState State { get; internal set; }

    /// <summary>What it sleeps on; null while it does not sleep.</summary>
    public WaitQueue? WaitsOn { get; internal set; }

    /// <summary>Completed when the task has ended, whichever way.</summary>
    public Completion Ended { get; }

    /// <summary>What escaped from the body; null for a task that lives, ended well, or was killed.</summary>
    public Exception? Failure { get; private set; }

    /// <summary>
    /// Whether its processor is on: written by a kill, read by each step of a task that is not the host's.
    /// </summary>
    internal SharedState Power => field ??= Ended.Scheduler.StateOf(s_power[Name], null);

    /// <summary>Whether it sleeps until somebody else ends it: no time is set to the sleep, and it is no daemon.</summary>
    public bool SleepsForGood => State == KernelTaskState.Parked && DeadlineNs == Scheduler.Forever && !IsDaemon;

    /// <summary>Whether it was woken for no reason: see <see cref="VirtualScheduler.ProbeSleepersAsync"/>.</summary>
    internal bool IsProbed { get; set; }

    internal Action? Continuation { get; set; }

    /// <summary>While it sleeps: when it wakes at the latest, ns; <see cref="Scheduler.Forever"/> for a sleep without timeout.</summary>
    public long DeadlineNs { get; internal set; }

    /// <summary>Distinguishes this sleep from the task's earlier ones, so that an old timer wakes nobody.</summary>
    internal uint SleepNumber { get; set; }

    internal bool Interruptible { get; set; }

    internal bool SignalPending { get; set; }

    /// <summary>Written under the gate; read without it, by the task itself, at each of its awaits.</summary>
    internal bool KillRequested
    {
        get => Volatile.Read(ref _killRequested);
        set => Volatile.Write(ref _killRequested, value);
    }

    /// <summary>Name and number, as a log or a deadlock report shows it.</summary>
    public override string ToString() => $"{Name}[{Id}]";

    /// <summary>What runs instead of the rest of a task that was killed.</summary>
    internal void End() => Ended.Scheduler.EndTask(this);

    private void Begin() => _ = RunAsync().AsTask(); // it catches everything itself

    private async ValueTask RunAsync()
    {
        try
        {
            await _body();
        }
#pragma warning disable CA1031 // whatever escapes must reach whoever runs the scheduler, not the thread's top
        catch (Exception failure)
#pragma warning restore CA1031
        {
            Failure = failure;
        }

        End();
    }
}
