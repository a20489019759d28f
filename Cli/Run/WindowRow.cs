namespace RemoteprocEmu.Cli.Run;

/// <summary>A window of device addresses.</summary>
/// <param name="Name">Its name.</param>
/// <param name="DeviceAddress">Where the processor sees it.</param>
/// <param name="PhysicalAddress">Where it is on the bus.</param>
/// <param name="LengthBytes">Size.</param>
internal sealed record WindowRow(string Name, ulong DeviceAddress, ulong PhysicalAddress, ulong LengthBytes);
