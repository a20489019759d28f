namespace RemoteprocEmu.Virtio.Ring;

/// <summary>A single buffer that is offered with others, in one batch.</summary>
/// <param name="Address">Device address of its first byte.</param>
/// <param name="LengthBytes">Its length, bytes.</param>
/// <param name="Token">Comes back with it.</param>
public readonly record struct VringBuffer(ulong Address, uint LengthBytes, int Token);
