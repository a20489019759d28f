using RemoteprocEmu.Platform.Memory;

namespace RemoteprocEmu.Remoteproc.Platforms;

/// <summary>A reserved-memory node of the board that belongs to a processor.</summary>
/// <param name="Name">Its name; a table entry of that name is placed in it.</param>
/// <param name="DeviceAddress">Where the processor finds it.</param>
/// <param name="PhysicalAddress">Where it is on the bus.</param>
/// <param name="LengthBytes">Size, bytes.</param>
public sealed record ReservedMemory(string Name, DeviceAddress DeviceAddress, PhysicalAddress PhysicalAddress, int LengthBytes);
