using System;
using RemoteprocEmu.Platform;
using RemoteprocEmu.Platform.Tasks;

namespace RemoteprocEmu.Explorer.Oracles;

/// <summary>What escaped from a run: which rule it breaks.</summary>
/// <remarks>
/// Host code throws for nothing that a peer wrote, so an exception breaks <see cref="OracleRule.PeerTrust"/> unless it says itself what
/// happened: nothing can move, or memory was used that is gone.
/// </remarks>
internal sealed class ExceptionOracle(FindingList findings, DeadlockOracle deadlocks)
{
    public void OnException(Exception exception)
    {
        Exception cause = exception;
        while (cause is InvalidOperationException { InnerException: { } inner }) cause = inner; // the scheduler wraps what a task threw
        switch (cause)
        {
            case DeadlockException deadlock:
                deadlocks.OnDeadlock(deadlock);
                break;
            case KernelOopsException:
                findings.Add(OracleRule.Memory, FirstClause(cause.Message), cause.Message);
                break;
            case InvariantException:
                findings.Add(RuleOf(cause.Message), FirstClause(cause.Message), cause.Message);
                break;
            default:
                findings.Add(OracleRule.PeerTrust, $"{cause.GetType().Name}: {FirstClause(cause.Message)}", cause.ToString());
                break;
        }
    }

    private static OracleRule RuleOf(string promise) =>
        promise.Contains("freed", StringComparison.Ordinal) ? OracleRule.Memory
        : promise.Contains("deleted virtqueue", StringComparison.Ordinal) ? OracleRule.Lifetime
        : promise.Contains("mutex", StringComparison.Ordinal) || promise.Contains("wait for itself", StringComparison.Ordinal)
            ? OracleRule.Deadlock
        : OracleRule.PeerTrust;

    /// <summary>What stands before values and expressions.</summary>
    private static string FirstClause(string message)
    {
        int end = 0;
        while (end < message.Length && message[end] is not ('(' or '\n' or (>= '0' and <= '9'))) end++;
        return message[..end].TrimEnd(' ', ':', ',');
    }
}
