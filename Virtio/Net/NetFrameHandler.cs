using System;

namespace RemoteprocEmu.Virtio.Net;

/// <summary>Takes a frame that an interface has received. On the host processor; it must not wait.</summary>
/// <param name="device">The interface.</param>
/// <param name="frame">From the destination's address on, in the device's own memory: good until this returns.</param>
public delegate void NetFrameHandler(NetDevice device, ReadOnlySpan<byte> frame);
