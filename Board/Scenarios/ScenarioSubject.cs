using System;
using System.Collections.Generic;
using System.Threading.Tasks;
using RemoteprocEmu.Cores.Scripted;
using RemoteprocEmu.Explorer;
using RemoteprocEmu.Explorer.Oracles;
using RemoteprocEmu.Explorer.Scenarios;
using RemoteprocEmu.Explorer.Search;
using RemoteprocEmu.Platform;
using RemoteprocEmu.Platform.Tasks;
using RemoteprocEmu.Platform.Trace;
using RemoteprocEmu.Remoteproc.Eras;

namespace RemoteprocEmu.Board.Scenarios;

/// <summary>A scenario on one kernel, to be run under any schedule.</summary>
/// <remarks>
/// <code>
/// before                         as it goes
/// actors and events, to quiet    explored
/// after, to quiet                as it goes
/// expectations, outcome
/// consumers go, everything is unloaded, what is left is a finding
/// </code>
/// Quiet: no task is left that anybody could wait for, and every core has seen the status of its vdevs. Tasks that sleep with no end in
/// sight while nothing else moves are a deadlock, though a core may go on polling for ever.
/// </remarks>
public sealed class ScenarioSubject : ISubject
{
    private const long PauseNs = 1_500_000;       // a core without driver looks at its status each 1 ms
    private const long LongPauseNs = 51_000_000;  // one with a driver each 50 ms
    private const int LongPausesMax = 400;        // 20 s: a sender waits for a buffer 15 s

    private static readonly RunResult s_brokenOff = new([], "broken off");

    private readonly byte[][] _images;
    private readonly Dictionary<string, byte[]> _imagesByName = new(StringComparer.Ordinal);
    private readonly ScenarioAction[] _actions;
    private readonly int[] _errnos;
    private readonly Func<ValueTask>[] _bodies;
    private readonly string[] _bodyNames;
    private readonly KernelTask?[] _tasks;
    private readonly ScenarioView _view;
    private readonly ScenarioCheck _check;
    private readonly Func<ValueTask> _main;
    private readonly List<string> _unmet = [];
    private ScenarioMachine? _machine;
    private ScenarioActions? _do;
    private Watch? _watch;
    private Schedule? _schedule;
    private RunResult _result = s_brokenOff;
    private int _ownCount; // tasks of the scenario's own that run

    /// <summary>Makes a subject; nothing runs yet.</summary>
    /// <param name="scenario">What to run.</param>
    /// <param name="era">On which kernel.</param>
    /// <param name="folder">Where the paths of its images begin; null where it names none.</param>
    public ScenarioSubject(Scenario scenario, Era era, string? folder = null)
    {
        ArgumentNullException.ThrowIfNull(scenario);
        ArgumentNullException.ThrowIfNull(era);
        Scenario = scenario;
        Era = era;
        _images = new byte[scenario.Processors.Count][];
        for (int i = 0; i < _images.Length; i++) _images[i] = ScenarioFiles.ImageOf(scenario.Processors[i], folder);
        List<ScenarioAction> actions = [];
        List<Func<ValueTask>> bodies = [];
        List<string> names = [];
        actions.AddRange(scenario.Before);
        foreach (ScenarioActor actor in scenario.Actors)
        {
            int first = actions.Count;
            actions.AddRange(actor.Actions);
            int end = actions.Count;
            names.Add(actor.Name);
            bodies.Add(() => DoOwnAsync(first, end, timesMax: 0));
        }

        foreach (ScenarioEvent happening in scenario.Events)
        {
            int first = actions.Count;
            actions.AddRange(happening.Actions);
            int end = actions.Count;
            names.Add(happening.Name);
            bodies.Add(() => DoOwnAsync(first, end, happening.TimesMax));
        }

        actions.AddRange(scenario.After);
        _actions = [.. actions];
        _bodies = [.. bodies];
        _bodyNames = [.. names];
        _errnos = new int[_actions.Length];
        _tasks = new KernelTask?[_bodies.Length];
        foreach (ScenarioAction action in _actions)
        {
            if (action.Verb == ScenarioVerb.ProvideFirmware && action.Object.Length > 0)
                _imagesByName[action.Object] = ScenarioFiles.ReadImage(action.Object, folder);
        }

        _view = new ScenarioView(scenario, _actions);
        _check = new ScenarioCheck(scenario, era);
        _main = MainAsync;
    }

    /// <summary>What is run.</summary>
    public Scenario Scenario { get; }

    /// <summary>On which kernel.</summary>
    public Era Era { get; }

    /// <summary>The first processor's vdevs, as its firmware found them at its first instruction in the last run.</summary>
    public IReadOnlyList<VdevSnapshot> FirstInstruction { get; private set; } = [];

    private VirtualScheduler Scheduler => _machine!.Scheduler;

    /// <inheritdoc/>
    public RunResult Run(Schedule schedule, ITraceSink? trace = null)
    {
        ArgumentNullException.ThrowIfNull(schedule);
        ScenarioMachine machine = Take(schedule, trace);
        _schedule = schedule;
        _watch!.Begin();
        _unmet.Clear();
        _result = s_brokenOff;
        _ownCount = 0;
        Array.Fill(_errnos, -1);
        machine.Begin();
        bool hasEnded = false;
        try
        {
            machine.Machine.Run(_main);
            hasEnded = true;
        }
#pragma warning disable CA1031 // whatever goes wrong in a run is what the run came to
        catch (Exception exception)
#pragma warning restore CA1031
        {
            _watch.OnException(exception);
        }

        schedule.Close();
        FirstInstruction = machine.Cores[0].FirstInstruction;
        if (hasEnded) _watch.AtEnd(machine.Machine.IsClean() ? [] : machine.Machine.WhatIsLeft());
        if (trace is not null || !hasEnded) Drop();
        if (_watch.Findings.Count == 0 && _unmet.Count == 0) return _result;
        return _result with { Findings = _watch.Findings, Unmet = [.. _unmet] };
    }

    /// <inheritdoc/>
    public void Dispose() => Drop();

    private ScenarioMachine Take(Schedule schedule, ITraceSink? trace)
    {
        if (trace is not null || (_machine is not null && !_machine.Machine.TryRewind(schedule))) Drop();
        if (_machine is not null) return _machine;
        _machine = new ScenarioMachine(Scenario, Era, _images, schedule, trace);
        _watch = new Watch(_machine.Machine.Kernel, _machine.Machine.Remoteproc, _machine.Cores);
        _do = new ScenarioActions(_machine, _imagesByName) { Watch = _watch, Settle = SettleAsync };
        return _machine;
    }

    private void Drop()
    {
        _machine?.Dispose();
        _machine = null;
    }

    private async ValueTask MainAsync()
    {
        Schedule schedule = _schedule!;
        _ownCount = 1;
        if (Scenario.Before.Count > 0)
        {
            schedule.Pause();
            await DoAsync(0, Scenario.Before.Count);
            schedule.Resume();
            await Scheduler.Point(""); // from here on it is explored
        }

        _check.Begin(_machine!);
        for (int i = 0; i < _bodies.Length; i++) _tasks[i] = Scheduler.Spawn(_bodyNames[i], _bodies[i], Scheduler.Host);
        _ownCount += _bodies.Length;
        foreach (KernelTask? task in _tasks) await WaitForAsync(task!);
        await SettleAsync();
        schedule.Close();
        _machine!.Faults.End();
        if (Scenario.After.Count > 0)
        {
            await DoAsync(_actions.Length - Scenario.After.Count, _actions.Length);
            await SettleAsync();
        }

        _result = _view.ResultOf(_machine, _errnos);
        CheckErrnos();
        _check.Check(_machine, _unmet);
        await _watch!.AtQuietAsync();
        await _do!.DropHandlesAsync();
        _ = await _machine.Machine.UnloadAllAsync(); // what would not go is found by the watch
        await _machine.EndAsync();
    }

    /// <summary>Actor or event: does its actions, an event as often as somebody chooses.</summary>
    private async ValueTask DoOwnAsync(int first, int end, int timesMax)
    {
        int times = timesMax == 0 ? 1 : Scheduler.Choose(timesMax + 1);
        for (int i = 0; i < times; i++) await DoAsync(first, end);
        _ownCount--;
    }

    private async ValueTask DoAsync(int first, int end)
    {
        for (int i = first; i < end; i++) _errnos[i] = (int)await _do!.DoAsync(_actions[i]);
    }

    private async ValueTask WaitForAsync(KernelTask task)
    {
        while (!await task.Ended.WaitAsync(LongPauseNs * 2))
        {
            await ThrowIfStuckAsync();
        }
    }

    private async ValueTask SettleAsync()
    {
        await Scheduler.DelayAsync(PauseNs);
        for (int i = 0; i < LongPausesMax && (Scheduler.BusyCount > _ownCount || !_machine!.HaveCoresSeenStatus); i++)
        {
            if (i > 1) await ThrowIfStuckAsync();
            await Scheduler.DelayAsync(LongPauseNs);
        }
    }

    /// <summary>A deadlock, unless somebody sleeps who need not: that one goes on, and is a finding of its own.</summary>
    private async ValueTask ThrowIfStuckAsync()
    {
        if (!IsStuck()) return;
        await Scheduler.ProbeSleepersAsync();
        if (IsStuck()) throw new DeadlockException(Others());
    }

    /// <summary>Every task but the caller, which only looks.</summary>
    private List<KernelTask> Others()
    {
        List<KernelTask> others = [.. Scheduler.LiveTasks];
        _ = others.Remove(Scheduler.Current!); // it is among them
        return others;
    }

    /// <summary>Whether somebody sleeps, and no host task but the caller will ever move again by itself.</summary>
    private bool IsStuck()
    {
        bool sleeps = false;
        foreach (KernelTask task in Scheduler.LiveTasks)
        {
            if (task.IsDaemon || task == Scheduler.Current) continue;
            if (task.State != KernelTaskState.Parked || task.DeadlineNs != Platform.Tasks.Scheduler.Forever) return false;
            sleeps = true;
        }

        return sleeps;
    }

    private void CheckErrnos()
    {
        for (int i = 0; i < _actions.Length; i++)
        {
            if (_errnos[i] < 0 || _actions[i].MayReturn((Errno)_errnos[i], Era)) continue;
            string expected = string.Join(" or ", _actions[i].Expected!.Find(Era)!);
            _unmet.Add($"{_actions[i].Place}: {_actions[i].Text} returned {((Errno)_errnos[i]).Name()}, expected {expected}");
        }
    }
}
