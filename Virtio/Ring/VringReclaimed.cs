namespace RemoteprocEmu.Virtio.Ring;

/// <summary>A chain that came back with others, in one batch.</summary>
/// <param name="Token">What was given with it.</param>
/// <param name="WrittenBytes">What the device claims to have written: check it against what was lent.</param>
public readonly record struct VringReclaimed(int Token, uint WrittenBytes);
