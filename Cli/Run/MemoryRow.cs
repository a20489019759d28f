namespace RemoteprocEmu.Cli.Run;

/// <summary>Memory that was allocated or mapped for the processor.</summary>
/// <param name="Name">The carveout's name.</param>
/// <param name="DeviceAddress">Where the processor finds it.</param>
/// <param name="PhysicalAddress">Where it is on the bus.</param>
/// <param name="SizeBytes">Size.</param>
/// <param name="Use">What it is for: carveout, vring, buffers, devmem.</param>
internal sealed record MemoryRow(string Name, ulong DeviceAddress, ulong PhysicalAddress, long SizeBytes, string Use);
