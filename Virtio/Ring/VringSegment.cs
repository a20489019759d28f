namespace RemoteprocEmu.Virtio.Ring;

/// <summary>One buffer of a chain, in the host's byte order and out of the other half's reach.</summary>
/// <param name="Address">Device address of its first byte.</param>
/// <param name="LengthBytes">Its length, bytes.</param>
public readonly record struct VringSegment(ulong Address, uint LengthBytes);
