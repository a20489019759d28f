namespace RemoteprocEmu.Cli.Run;

/// <summary>A vdev.</summary>
/// <param name="Index">Its place in the table.</param>
/// <param name="DeviceId">Its virtio device id.</param>
/// <param name="VirtioName">Its virtio device.</param>
/// <param name="Driver">The driver that is bound to it; empty when none is.</param>
/// <param name="Status">The device's status byte.</param>
/// <param name="Features">Features that were agreed.</param>
internal sealed record VdevRow(int Index, uint DeviceId, string VirtioName, string Driver, byte Status, ulong Features);
