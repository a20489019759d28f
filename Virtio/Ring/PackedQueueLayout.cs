namespace RemoteprocEmu.Virtio.Ring;

/// <summary>The parts of a packed queue, and where they lie when they lie in one region. Pure arithmetic; touches no memory.</summary>
/// <remarks>
/// <code>
/// offset     bytes  part                        aligned to   written by
/// 0          16n    descriptor ring             16           both
/// 16n        4      driver event suppression    4            driver
/// 16n + 4    4      device event suppression    4            device
/// </code>
/// A transport may put the three parts anywhere; the offsets are those of a region that we make ourselves.
/// Source: VIRTIO 1.3, 2.8.10.1.
/// </remarks>
public readonly record struct PackedQueueLayout
{
    /// <summary>The largest queue, in descriptors.</summary>
    public const int QueueSizeMax = 32768;

    /// <summary>Bytes of one event suppression part.</summary>
    public const int EventBytes = 4;

    /// <summary>Descriptors in the queue: any number from 1 to <see cref="QueueSizeMax"/>; 0 only in the default value, which is no
    /// layout.</summary>
    public int QueueSize { get; private init; }

    /// <summary>Bytes of the descriptor ring, which starts the region.</summary>
    public int DescriptorBytes => PackedDescriptor.SizeBytes * QueueSize;

    /// <summary>Byte offset of what the driver says about its interrupts.</summary>
    public int DriverEventOffset => DescriptorBytes;

    /// <summary>Byte offset of what the device says about its kicks.</summary>
    public int DeviceEventOffset => DescriptorBytes + EventBytes;

    /// <summary>Bytes of the whole queue in one region.</summary>
    public int SizeBytes => DescriptorBytes + (2 * EventBytes);

    /// <summary>Judges a queue size that came from outside. Nothing after this judges it again.</summary>
    /// <param name="queueSize">Descriptors, as the other side gave them.</param>
    /// <param name="layout">The layout; default unless <see cref="RingStatus.Ok"/>.</param>
    /// <returns>Ok or BadGeometry.</returns>
    public static RingStatus TryCreate(long queueSize, out PackedQueueLayout layout)
    {
        layout = default;
        if (queueSize is < 1 or > QueueSizeMax) return RingStatus.BadGeometry;
        layout = new() { QueueSize = (int)queueSize };
        return RingStatus.Ok;
    }
}
