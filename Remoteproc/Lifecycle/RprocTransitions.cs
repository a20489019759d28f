using System.Collections.Generic;
using static RemoteprocEmu.Remoteproc.Lifecycle.RprocState;

namespace RemoteprocEmu.Remoteproc.Lifecycle;

/// <summary>One change of state, and the kernel function that makes it.</summary>
/// <param name="From">Before.</param>
/// <param name="To">After.</param>
/// <param name="Function">Who does it.</param>
public readonly record struct RprocTransition(RprocState From, RprocState To, string Function);

/// <summary>Every change of state that exists. What is not here cannot happen.</summary>
/// <remarks>
/// Refusals leave the state: a start of what runs only counts the user, a stop of what is off is -EINVAL.
/// Source: remoteproc_core.c of v6.12, each assignment to rproc->state.
/// </remarks>
public static class RprocTransitions
{
    /// <summary>The table.</summary>
    public static IReadOnlyList<RprocTransition> All => s_all;

    private static readonly RprocTransition[] s_all =
    [
        new(Offline, Running, "rproc_start"),
        new(Detached, Attached, "__rproc_attach"),
        new(Running, Offline, "rproc_stop"),
        new(Attached, Offline, "rproc_stop"),
        new(Crashed, Offline, "rproc_stop"),
        new(Attached, Detached, "__rproc_detach"),
        new(Crashed, Detached, "__rproc_detach"),
        new(Running, Crashed, "rproc_crash_handler_work"),
        new(Attached, Crashed, "rproc_crash_handler_work"),
        new(Detached, Crashed, "rproc_crash_handler_work"),
        new(Suspended, Crashed, "rproc_crash_handler_work"),
    ];

    /// <summary>Whether a state can follow another.</summary>
    public static bool IsLegal(RprocState from, RprocState to)
    {
        foreach (RprocTransition transition in s_all)
        {
            if (transition.From == from && transition.To == to) return true;
        }

        return false;
    }
}
