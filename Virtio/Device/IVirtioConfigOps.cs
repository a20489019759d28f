using System;
using System.Threading.Tasks;
using RemoteprocEmu.Platform;

namespace RemoteprocEmu.Virtio.Device;

/// <summary>What a transport does for one virtio device: the seam behind which remoteproc, and later others, plug in.</summary>
/// <remarks>
/// Called on the host processor, by <see cref="VirtioBus"/> and by the device's driver; the device half sees the effects in whatever
/// memory or messages
/// the transport has. Source: include/linux/virtio_config.h, struct virtio_config_ops.
/// </remarks>
public interface IVirtioConfigOps
{
    /// <summary>The bits that the device offers.</summary>
    ulong GetFeatures();

    /// <summary>Tells the device what was settled on.</summary>
    /// <param name="features">What driver and device have in common; the transport clears what it cannot carry.</param>
    /// <returns>Ok, or why the probe must fail.</returns>
    Errno FinalizeFeatures(ref ulong features);

    /// <summary>The status byte.</summary>
    VirtioStatus GetStatus();

    /// <summary>Writes the status byte; never 0, which is <see cref="Reset"/>.</summary>
    void SetStatus(VirtioStatus status);

    /// <summary>Writes status 0. Whether the device heard of it when this returns is the transport's affair; over remoteproc it has
    /// not.</summary>
    void Reset();

    /// <summary>Reads from the device's configuration space.</summary>
    /// <param name="offset">From its start, bytes; not checked by anybody before.</param>
    /// <param name="destination">Filled whole, or left as it was.</param>
    /// <returns>False when the range does not lie inside.</returns>
    bool TryReadConfig(int offset, Span<byte> destination);

    /// <summary>Writes to the device's configuration space.</summary>
    /// <param name="offset">From its start, bytes; not checked by anybody before.</param>
    /// <param name="source">Written whole or not at all.</param>
    /// <returns>False when the range does not lie inside.</returns>
    bool TryWriteConfig(int offset, ReadOnlySpan<byte> source);

    /// <summary>Changes when the device changes its configuration space; always 0 over a transport that does not tell.</summary>
    uint Generation { get; }

    /// <summary>Sets up the device's queues, in order.</summary>
    /// <param name="device">The device; each <see cref="Virtqueue"/> made for it joins <see cref="VirtioDevice.Virtqueues"/>.</param>
    /// <param name="requests">What the driver asks for.</param>
    /// <returns>Ok and one queue a request, null where its name was null; or an error and no queue at all.</returns>
    ValueTask<(Errno Errno, Virtqueue?[] Queues)> FindVqsAsync(VirtioDevice device, VirtqueueRequest[] requests);

    /// <summary>Deletes the device's queues. Their memory may live on; no interrupt reaches the driver after this.</summary>
    ValueTask DelVqsAsync(VirtioDevice device);

    /// <summary>Memory that the device can reach.</summary>
    IDmaMemory Dma { get; }
}
