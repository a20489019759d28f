namespace RemoteprocEmu.Virtio.Ring;

/// <summary>A chain that the device returns with others, in one batch.</summary>
/// <param name="Head">Its first descriptor.</param>
/// <param name="WrittenBytes">Bytes written from the start of its writable part; 0 when it has none.</param>
public readonly record struct VringReturned(ushort Head, uint WrittenBytes);
