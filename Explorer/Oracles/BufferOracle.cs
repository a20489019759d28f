using System;
using RemoteprocEmu.Rpmsg.VirtioBackend;

namespace RemoteprocEmu.Explorer.Oracles;

/// <summary>A buffer has one owner at any time: driver, ring, device, or who holds it in a callback.</summary>
/// <remarks>
/// The two halves of a ring see who lends or returns what is not theirs, and stop it; the host counts its buffers where nothing moves.
/// Buffers of a queue that is broken are not counted, nor those that came back with a lie: the remote has itself to thank for them.
/// </remarks>
internal sealed class BufferOracle(FindingList findings)
{
    public void Judge(in BufferCensus census)
    {
        if (census.IsBroken || census.Lost == 0) return;
        string what = census.Lost > 0 ? "nobody has" : "two have";
        findings.Add(OracleRule.BufferOwnership, $"{census.Queue} buffers that {what}",
            $"{census.Queue}: of {census.Total} buffers {census.Free} are free, {census.Held} held, {census.InRing} in the ring, " +
            $"{census.Refused} refused: {Math.Abs(census.Lost)} that {what}");
    }

    public void RingRefused(int vdev, string fault) =>
        findings.Add(OracleRule.BufferOwnership, $"vdev{vdev} {fault[..fault.LastIndexOf(' ')]}",
            $"the remote stops vdev{vdev} {fault}: the driver broke the protocol");

    public void QueueBroken(string queue, string reason) =>
        findings.Add(OracleRule.BufferOwnership, $"{queue} is broken", $"the host stops {queue}: {reason}");
}
