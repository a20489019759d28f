using System;
using System.Collections.Generic;
using RemoteprocEmu.Virtio.Device;

namespace RemoteprocEmu.Virtio.Direct;

/// <summary>What a device is, before any driver: what an image's vdev entry says of one over remoteproc.</summary>
/// <param name="Id">What it is: <see cref="VirtioDeviceId"/> has the numbers.</param>
public sealed record DirectDevice(uint Id)
{
    /// <summary>The bits that it offers, all 64 of them.</summary>
    public ulong Features { get; init; }

    /// <summary>Rules among the bits of its type; those of queues and transports are looked at anyhow.</summary>
    public ReadOnlyMemory<FeatureRule> FeatureRules { get; init; }

    /// <summary>Its configuration space, as it begins.</summary>
    public ReadOnlyMemory<byte> Config { get; init; }

    /// <summary>Descriptors of each queue that it has, powers of two.</summary>
    public IReadOnlyList<int> QueueSizes { get; init; } = [64, 64];
}
