namespace RemoteprocEmu.Virtio.Ring;

/// <summary>A single buffer that the device took with others, in one batch.</summary>
/// <param name="Address">Where it lies, in the driver's words.</param>
/// <param name="Start">Where it lies in this process, as the device's map says.</param>
/// <param name="LengthBytes">Its length, bytes.</param>
/// <param name="Head">Its descriptor, below the queue size: the name under which it is returned.</param>
public readonly record struct VringTaken(ulong Address, nint Start, uint LengthBytes, ushort Head);
