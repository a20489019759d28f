using System;
using System.Threading.Tasks;

namespace RemoteprocEmu.Virtio.Device;

/// <summary>A queue that a driver asks its transport for.</summary>
/// <param name="Name">What the driver calls it: <c>input</c>. Null asks for no queue, and uses up no queue of the device.</param>
/// <param name="Callback">Runs on each interrupt that brought something; null for a driver that looks by itself.</param>
/// <remarks>Source: include/linux/virtio_config.h, virtio_find_vqs.</remarks>
public readonly record struct VirtqueueRequest(string? Name, Func<Virtqueue, ValueTask>? Callback);
