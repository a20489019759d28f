using System;
using RemoteprocEmu.Board.Bench.Host;

namespace RemoteprocEmu.Board.Bench.Lanes;

/// <summary>Both halves in this process: on two threads, or both on the first.</summary>
/// <param name="benchCase">The case.</param>
/// <param name="copiesPerMessage">As in <see cref="Lane"/>.</param>
/// <param name="threads">The two threads.</param>
/// <param name="host">The host's half; both of them where one thread has both.</param>
/// <param name="remote">The remote's half; null where one thread has both.</param>
/// <param name="owned">Goes with the lane.</param>
internal sealed class ThreadLane(BenchCase benchCase, double copiesPerMessage, (PinnedThread First, PinnedThread Second) threads,
    HalfRunner host, HalfRunner? remote, params IDisposable[] owned) : Lane(benchCase, copiesPerMessage)
{
    /// <inheritdoc/>
    protected override (RunResult Host, RunResult Remote) Run(RunPlan plan)
    {
        RunResult? hostResult = null, remoteResult = null;
        if (remote is not null) threads.Second.Begin(() => remoteResult = remote.Run(plan));
        threads.First.Begin(() => hostResult = host.Run(plan));
        Exception? failure = Catch(threads.First);
        if (remote is not null) failure = Catch(threads.Second) ?? failure;
        if (failure is not null) throw new BenchFailureException($"{Case}: {failure.Message}");
        return (hostResult!, remoteResult ?? hostResult!);
    }

    /// <inheritdoc/>
    public override void Dispose()
    {
        host.Dispose();
        remote?.Dispose();
        foreach (IDisposable part in owned) part.Dispose();
    }

    private static BenchFailureException? Catch(PinnedThread thread)
    {
        try
        {
            thread.Wait();
            return null;
        }
        catch (BenchFailureException failure)
        {
            return failure;
        }
    }
}
