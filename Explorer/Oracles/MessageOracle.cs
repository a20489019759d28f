using System;
using RemoteprocEmu.Rpmsg.Remote;
using RemoteprocEmu.Rpmsg.VirtioBackend;

namespace RemoteprocEmu.Explorer.Oracles;

/// <summary>No message is lost or doubled between the two halves of a ring, and none waits for a reader who does not know of it.</summary>
/// <remarks>
/// Counted where nothing moves, since the driver came: what was sent is what was received and what lies in the ring. Order and content are
/// for those to check who know what was sent: they report to <see cref="Watch.Report"/>.
/// <para>A message that waits while its reader sleeps, and has asked to be told, is a notification lost: a lost wake-up.</para>
/// </remarks>
internal sealed class MessageOracle(FindingList findings)
{
    /// <summary>What the host alone can tell: whether it sleeps over a message.</summary>
    public void Judge(in BufferCensus receive)
    {
        if (receive is not { Waiting: > 0, IsDraining: false, IsBroken: false, Refused: 0 }) return;
        findings.Add(OracleRule.Deadlock, $"{receive.Queue} interrupt lost", $"{receive.Waiting} messages wait in {receive.Queue}");
    }

    /// <summary>What both together can tell; no ring is broken.</summary>
    /// <param name="device">The vdev's virtio device.</param>
    /// <param name="receive">What the host receives with.</param>
    /// <param name="send">What it sends with.</param>
    /// <param name="remote">What the remote has sent and received.</param>
    /// <param name="sleeps">Whether the remote sleeps until it is kicked; one that works will look again by itself.</param>
    public void Judge(string device, in BufferCensus receive, in BufferCensus send, in RemoteTraffic remote, bool sleeps)
    {
        JudgeCount($"{device} to the host", remote.Sent, receive.Passed, receive.Waiting);
        JudgeCount($"{device} to the remote", send.Passed, remote.Received, remote.Waiting);
        if (sleeps && remote is { Waiting: > 0, WantsKick: true })
            findings.Add(OracleRule.Deadlock, $"{send.Queue} kick lost", $"{remote.Waiting} messages wait in {send.Queue}");
    }

    private void JudgeCount(string way, long sent, long received, int waiting)
    {
        long lost = sent - received - waiting;
        if (lost == 0) return;
        string what = lost > 0 ? "lost" : "doubled";
        findings.Add(OracleRule.Messages, $"{way}: {what}",
            $"{way}: {sent} messages sent, {received} received, {waiting} in the ring: {Math.Abs(lost)} {what}");
    }
}
