using RemoteprocEmu.Board.Traffic;

namespace RemoteprocEmu.Cli.Run;

/// <summary>What passed over one rpmsg vdev.</summary>
/// <param name="Vdev">Its place in the table.</param>
/// <param name="ToFirmware">Messages that the firmware received, of every kind.</param>
/// <param name="FromFirmware">Messages that it sent, announcements included.</param>
/// <param name="Verified">Numbered messages that came back whole and in order.</param>
/// <param name="SentAgain">Numbered messages that a crash took, and that were sent again.</param>
/// <param name="Bad">Numbered messages that were lost, doubled or altered.</param>
/// <param name="ActiveNs">How long numbered messages were under way, ns; 0 in virtual time.</param>
internal sealed record TrafficRow(int Vdev, long ToFirmware, long FromFirmware, long Verified, long SentAgain, long Bad, long ActiveNs)
{
    /// <summary>Verified messages a second, each way; 0 when there is no rate.</summary>
    public double MessagesPerSecond => ActiveNs > 0 ? Verified * 1e9 / ActiveNs : 0;

    /// <summary>Verified payload, MB/s each way; 0 when there is no rate.</summary>
    public double MegabytesPerSecond => MessagesPerSecond * MessageStream.MessageBytes / 1e6;
}
