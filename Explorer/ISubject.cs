using System;
using RemoteprocEmu.Explorer.Search;
using RemoteprocEmu.Platform.Trace;

namespace RemoteprocEmu.Explorer;

/// <summary>What is explored: something that runs again and again from the same beginning, under schedules that others choose.</summary>
/// <remarks>One thread at a time. Several threads take a subject each.</remarks>
public interface ISubject : IDisposable
{
    /// <summary>
    /// Runs once, on a <see cref="Platform.Tasks.VirtualScheduler"/> that asks <paramref name="schedule"/>. Same answers, same run.
    /// </summary>
    /// <param name="schedule">
    /// Answers. The subject calls <see cref="Schedule.Close"/> when what is to be explored is over; what it does after that, for
    /// instance to unload everything and see what is left, goes as it goes.
    /// </param>
    /// <param name="trace">Sees every event of the run; null for none.</param>
    /// <returns>What it came to; whatever goes wrong in a run is a finding, never an exception.</returns>
    RunResult Run(Schedule schedule, ITraceSink? trace = null);
}
