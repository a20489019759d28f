using System;
using System.Collections.Generic;
using System.Threading.Tasks;
using RemoteprocEmu.Cores.Scripted;
using RemoteprocEmu.DriverModel;
using RemoteprocEmu.Platform.Memory;
using RemoteprocEmu.Platform.Tasks;
using RemoteprocEmu.Platform.Watch;
using RemoteprocEmu.Remoteproc;
using RemoteprocEmu.Remoteproc.Vdevs;
using RemoteprocEmu.Rpmsg.Remote;
using RemoteprocEmu.Rpmsg.VirtioBackend;

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
    private readonly RemoteprocModule _remoteproc;
    private readonly IReadOnlyList<ScriptedCore> _cores;
    private readonly MessageOracle _messages;
    private readonly MemoryOracle _memory;
    private readonly BufferOracle _buffers;
    private readonly LifetimeOracle _lifetimes;
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
        _remoteproc = remoteproc;
        _cores = cores;
        _findings = new FindingList(_scheduler);
        _messages = new MessageOracle(_findings);
        _buffers = new BufferOracle(_findings);
        _lifetimes = new LifetimeOracle(_findings, kernel);
        _memory = new MemoryOracle(_findings, _scheduler, namesCore: cores.Count > 1);
        _removability = new RemovabilityOracle(_findings, kernel, remoteproc, cores);
        _leaks = new LeakOracle(_findings);
        _deadlocks = new DeadlockOracle(_findings, _scheduler);
        _exceptions = new ExceptionOracle(_findings, _deadlocks);
        _scheduler.Watch = this;
    }

    /// <summary>
    /// Whether a remote that breaks the protocol is what is being tried: a queue that the host has stopped is then no finding. What the
    /// host makes of it still is one.
    /// </summary>
    public bool RemoteIsHostile { get; init; }

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
        _lifetimes.AtQuiet();
        foreach (Rproc rproc in _remoteproc.Processors)
        {
            foreach (RprocVdev vdev in rproc.Vdevs) JudgeVdev(rproc, vdev);
        }
    }

    /// <summary>Everything was unloaded, as far as it would go.</summary>
    /// <param name="whatIsLeft">One line for each thing that is still there, its kind and name first.</param>
    public void AtEnd(IReadOnlyList<string> whatIsLeft)
    {
        ArgumentNullException.ThrowIfNull(whatIsLeft);
        _deadlocks.AtQuiet();
        _lifetimes.AtQuiet();
        _removability.AtEnd();
        if (!_removability.HasRunaway) _leaks.AtEnd(whatIsLeft); // otherwise all that is left follows from that
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
    void IWatch.RingRefused(int vdev, int vring, string fault, bool isMemory)
    {
        if (isMemory) _memory.RingRefused(vdev, fault);
        else _buffers.RingRefused(vdev, fault);
    }

    /// <inheritdoc/>
    void IWatch.QueueBroken(string queue, string reason)
    {
        if (!RemoteIsHostile) _buffers.QueueBroken(queue, reason);
    }

    /// <inheritdoc/>
    void IWatch.OutlivesParent(string child, string parent) => _lifetimes.OutlivesParent(child, parent);

    /// <inheritdoc/>
    void IWatch.CalledAfterExit(string what, string driver) => _lifetimes.CalledAfterExit(what, driver);

    /// <inheritdoc/>
    void IWatch.LostWakeUp(KernelTask task, WaitQueue queue) => _deadlocks.LostWakeUp(task, queue);

    /// <inheritdoc/>
    void IWatch.UserCame(string processor) => _removability.UserCame(processor);

    /// <inheritdoc/>
    void IWatch.UserWent(string processor) => _removability.UserWent(processor);

    /// <inheritdoc/>
    void IWatch.UsersGone(string processor) => _removability.UsersGone(processor);

    /// <summary>An rpmsg vdev whose driver is at work, and the remote half of it if the program has one.</summary>
    private void JudgeVdev(Rproc rproc, RprocVdev vdev)
    {
        if (vdev.VirtioDevice is not { } device) return;
        if (!VirtioRpmsgBusModule.TryCount(device, out BufferCensus receive, out BufferCensus send)) return;
        _buffers.Judge(receive);
        _buffers.Judge(send);
        _messages.Judge(receive);
        foreach (ScriptedCore core in _cores)
        {
            if (core.Name != rproc.RprocName || core.FindRpmsg(vdev.Index) is not { } remote) continue;
            if (!receive.IsBroken && !send.IsBroken && remote.TryGetTraffic(out RemoteTraffic traffic))
                _messages.Judge(device.Name, receive, send, traffic, core.IsAwaitingKick);
        }
    }
}
