using System;

namespace RemoteprocEmu.Virtio.Net;

/// <summary>Takes a frame that the driver has sent to a device half.</summary>
/// <param name="net">The device half. It may be sent with, and must not be polled.</param>
/// <param name="frame">From the destination's address on: good until this returns.</param>
public delegate void RemoteFrameHandler(RemoteNet net, ReadOnlySpan<byte> frame);
