namespace RemoteprocEmu.Cli.Run;

/// <summary>What passed over one net, console or rproc-serial vdev.</summary>
/// <param name="Vdev">Its place in the table.</param>
/// <param name="Kind"><c>frames</c>, or <c>records</c> in a stream of bytes.</param>
/// <param name="HostName">What the host calls it: <c>eth0</c>, <c>hvc0</c>, <c>vport0p0</c>.</param>
/// <param name="ToFirmware">Frames or buffers that the firmware received.</param>
/// <param name="FromFirmware">Frames or buffers that it sent.</param>
/// <param name="Verified">Frames or records that came back whole and in order.</param>
/// <param name="SentAgain">Frames or records that a crash took, and that were sent again.</param>
/// <param name="Bad">Frames or records that were lost, doubled or altered.</param>
internal sealed record StreamRow(
    int Vdev, string Kind, string HostName, long ToFirmware, long FromFirmware, long Verified, long SentAgain, long Bad)
{
    /// <summary>Whether it counts frames.</summary>
    public bool IsFrames => Kind == Frames;

    /// <summary>The kind of a net vdev.</summary>
    public const string Frames = "frames";

    /// <summary>The kind of a console or rproc-serial vdev.</summary>
    public const string Records = "records";
}
