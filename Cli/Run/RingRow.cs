namespace RemoteprocEmu.Cli.Run;

/// <summary>A vring.</summary>
/// <param name="Vdev">Its vdev.</param>
/// <param name="Index">Its place in the vdev.</param>
/// <param name="Num">Descriptors.</param>
/// <param name="AlignBytes">Alignment of the used ring.</param>
/// <param name="FirstAddress">What the table told the firmware at its first instruction.</param>
/// <param name="PublishedAddress">What the table tells it now.</param>
/// <param name="NotifyId">Its notifyid.</param>
/// <param name="UsedBy">The queue that a driver made on it; empty when none did.</param>
internal sealed record RingRow(
    int Vdev, int Index, uint Num, uint AlignBytes, ulong FirstAddress, ulong PublishedAddress, int NotifyId, string UsedBy);
