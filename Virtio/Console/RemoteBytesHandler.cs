using System;

namespace RemoteprocEmu.Virtio.Console;

/// <summary>Takes bytes that the driver has written to a device half.</summary>
/// <param name="console">The device half. It may be written to, and must not be polled.</param>
/// <param name="bytes">Some of the stream, in the driver's own memory: good until this returns.</param>
public delegate void RemoteBytesHandler(RemoteConsole console, ReadOnlySpan<byte> bytes);
