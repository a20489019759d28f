using System;
using System.Collections.Generic;
using System.Threading.Tasks;
using RemoteprocEmu.Cores.Scripted;
using RemoteprocEmu.DriverModel;
using RemoteprocEmu.Platform.Memory;
using RemoteprocEmu.Platform.Tasks;
using RemoteprocEmu.Platform.Watch;
using RemoteprocEmu.Remoteproc;

namespace RemoteprocEmu.Explorer.Oracles;

/// <summary>Watches runs of a machine for the eight rules: <see cref="OracleRule"/>.</summary>
/// <remarks>
/// <code>
/// watch.Begin();
/// try
/// {
///     machine.Run(async () =>
///     {
///         ...                                  // what is to be tried
///         await watch.AtQuietAsync();          // it is over, and nothing moves
///         await machine.UnloadAllAsync();
///     });
///     watch.AtEnd(machine.WhatIsLeft());
/// }
/// catch (Exception exception) { watch.OnException(exception); }
/// </code>
/// Part of what it says it is told while it happens, through <see cref="IWatch"/>; the rest it looks up at the two calls above. It changes
/// nothing in a run, and a clean run allocates nothing here.
/// </remarks>
public sealed class Watch : IWatch
{
    private readonly Scheduler _scheduler;
    private readonly FindingList _findings;
    private readonly MemoryOracle _memory;
    private readonly RemovabilityOracle _removability;
    private readonly LeakOracle _leaks;
    private readonly DeadlockOracle _deadlocks;
    private readonly ExceptionOracle _exceptions;

    /// <summary>Begins to watch: from here on the machine's scheduler has it as its <see cref="Scheduler.Watch"/>.</summary>
    /// <param name="kernel">The machine's kernel, on virtual time.</param>
    /// <param name="remoteproc">Its remoteproc core.</param>
    /// <param name="cores">Its remote processors, as far as they run programs of ours.</param>
    public Watch(Kernel kernel, RemoteprocModule remoteproc, IReadOnlyList<ScriptedCore> cores)
    {
        ArgumentNullException.ThrowIfNull(kernel);
        ArgumentNullException.ThrowIfNull(remoteproc);
        ArgumentNullException.ThrowIfNull(cores);
        _scheduler = kernel.Scheduler;
        _findings = new FindingList(_scheduler);
        _memory = new MemoryOracle(_findings, _scheduler, namesCore: cores.Count > 1);
        _removability = new RemovabilityOracle(_findings, kernel, remoteproc, cores);
        _leaks = new LeakOracle(_findings);
        _deadlocks = new DeadlockOracle(_findings, _scheduler);
        _exceptions = new ExceptionOracle(_findings, _deadlocks);
        _scheduler.Watch = this;
    }

    /// <summary>Findings of the run, in the order of their happening; one for each rule and key.</summary>
    public IReadOnlyList<Finding> Findings => _findings.All;

    /// <summary>A run begins. The list of the last one stays with who has it.</summary>
    public void Begin()
    {
        _findings.Begin();
        _removability.Begin();
    }

    /// <summary>What was to be tried is over and nothing moves; before anything is unloaded. For a task of the run.</summary>
    public async ValueTask AtQuietAsync()
    {
        if (_scheduler is VirtualScheduler scheduler) await scheduler.ProbeSleepersAsync();
        _deadlocks.AtQuiet();
        _removability.AtQuiet();
    }

    /// <summary>Everything was unloaded, as far as it would go.</summary>
    /// <param name="whatIsLeft">One line for each thing that is still there, its kind and name first.</param>
    public void AtEnd(IReadOnlyList<string> whatIsLeft)
    {
        ArgumentNullException.ThrowIfNull(whatIsLeft);
        _deadlocks.AtQuiet();
        _removability.AtEnd();
        _leaks.AtEnd(whatIsLeft);
    }

    /// <summary>An exception has escaped from the run.</summary>
    public void OnException(Exception exception)
    {
        ArgumentNullException.ThrowIfNull(exception);
        _exceptions.OnException(exception);
    }

    /// <summary>Reports what somebody else has seen: who checks messages, for instance.</summary>
    /// <param name="rule">The rule that is broken.</param>
    /// <param name="key">See <see cref="Finding.Key"/>.</param>
    /// <param name="text">See <see cref="Finding.Text"/>.</param>
    /// <param name="state">See <see cref="Finding.State"/>.</param>
    public void Report(OracleRule rule, string key, string text, string state = "") => _findings.Add(rule, key, text, state);

    /// <inheritdoc/>
    void IWatch.RingTaken(int vdev, int vring, DeviceAddress address, int notifyId) => _memory.RingTaken(vdev, vring, address, notifyId);

    /// <inheritdoc/>
    void IWatch.UsedAfterFree(MemoryBlock block, int vdev, int vring, bool isBuffer) =>
        _memory.UsedAfterFree(block, vdev, vring, isBuffer);

    /// <inheritdoc/>
    void IWatch.LostWakeUp(KernelTask task, WaitQueue queue) => _deadlocks.LostWakeUp(task, queue);

    /// <inheritdoc/>
    void IWatch.UserCame(string processor, bool isFirst) => _removability.UserCame(processor, isFirst);

    /// <inheritdoc/>
    void IWatch.UserWent(string processor) => _removability.UserWent(processor);
}
