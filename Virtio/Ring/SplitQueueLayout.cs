using System.Numerics;
using RemoteprocEmu.Platform.Memory;

namespace RemoteprocEmu.Virtio.Ring;

/// <summary>Where the parts of a split queue lie: in one region, the legacy way, or each for itself. Pure arithmetic; touches no
/// memory.</summary>
/// <remarks>
/// <code>
/// offset           bytes  part
/// 0                16n    descriptor table
/// 16n              4      available ring: flags, idx
/// 16n + 4          2n       ring
/// 16n + 4 + 2n     2        used_event
/// U                4      used ring: flags, idx       U = the end of the available ring, rounded up to the alignment
/// U + 4            8n       ring
/// U + 4 + 8n       2        avail_event
/// </code>
/// The event words are there even when event indices were not negotiated. The end is not rounded up.
/// Source: Linux include/uapi/linux/virtio_ring.h, vring_init, vring_size; VIRTIO 1.3, 2.7 and 2.7.2.
/// </remarks>
public readonly record struct SplitQueueLayout
{
    /// <summary>The largest queue, in descriptors.</summary>
    public const int QueueSizeMax = 32768;

    /// <summary>The smallest alignment, bytes: the used ring holds 32-bit words.</summary>
    public const int AlignBytesMin = 4;

    /// <summary>Descriptors in the queue: a power of two, 1 to <see cref="QueueSizeMax"/>; 0 only in the default value, which is no
    /// layout.</summary>
    public int QueueSize { get; private init; }

    /// <summary>Byte offset of the used ring.</summary>
    public int UsedOffset { get; private init; }

    /// <summary>Byte offset of the available ring.</summary>
    public int AvailOffset => VringDescriptor.SizeBytes * QueueSize;

    /// <summary>Byte offset of the driver's event word, behind the available ring.</summary>
    public int UsedEventOffset => AvailOffset + 4 + (2 * QueueSize);

    /// <summary>Byte offset of the device's event word, behind the used ring.</summary>
    public int AvailEventOffset => UsedOffset + 4 + (VringUsedElement.SizeBytes * QueueSize);

    /// <summary>Bytes of the whole queue, the last event word included.</summary>
    public int SizeBytes => AvailEventOffset + 2;

    /// <summary>Bytes of the descriptor table.</summary>
    public int TableBytes => AvailOffset;

    /// <summary>Bytes of the available ring, its event word included.</summary>
    public int AvailBytes => 4 + (2 * QueueSize) + 2;

    /// <summary>Bytes of the used ring, its event word included.</summary>
    public int UsedBytes => 4 + (VringUsedElement.SizeBytes * QueueSize) + 2;

    /// <summary>Judges a geometry that came from outside and lays it out. Nothing after this judges it again.</summary>
    /// <param name="queueSize">Descriptors, as the other side gave them.</param>
    /// <param name="alignBytes">Alignment of the used ring, bytes; a power of two, at least <see cref="AlignBytesMin"/>.</param>
    /// <param name="regionBytes">Bytes that the caller has for the queue.</param>
    /// <param name="layout">The layout; default unless <see cref="RingStatus.Ok"/>.</param>
    /// <returns>Ok or BadGeometry.</returns>
    /// <remarks>The kernel takes any alignment but 0; one that is no power of two gives it a ring that no firmware would look
    /// for.</remarks>
    public static RingStatus TryCreate(long queueSize, long alignBytes, long regionBytes, out SplitQueueLayout layout)
    {
        layout = default;
        if (queueSize is < 1 or > QueueSizeMax || !BitOperations.IsPow2(queueSize)) return RingStatus.BadGeometry;
        if (alignBytes is < AlignBytesMin or > int.MaxValue || !BitOperations.IsPow2(alignBytes)) return RingStatus.BadGeometry;

        long sizeBytes = (long)VringSize.Bytes((uint)queueSize, (uint)alignBytes);
        if (sizeBytes > regionBytes || sizeBytes > int.MaxValue) return RingStatus.BadGeometry;

        long usedBytes = 4 + (VringUsedElement.SizeBytes * queueSize) + 2; // the used ring ends the queue
        layout = new() { QueueSize = (int)queueSize, UsedOffset = (int)(sizeBytes - usedBytes) };
        return RingStatus.Ok;
    }

    /// <summary>Judges a queue whose three parts lie where the driver put them, the modern way.</summary>
    /// <param name="queueSize">Descriptors, as the other side gave them.</param>
    /// <param name="tableBytes">Bytes that the caller has for the descriptor table; it begins at a multiple of 16.</param>
    /// <param name="availBytes">Bytes for the available ring; it begins at a multiple of 2.</param>
    /// <param name="usedBytes">Bytes for the used ring; it begins at a multiple of 4.</param>
    /// <param name="layout">The layout; default unless <see cref="RingStatus.Ok"/>. Of its offsets nothing is used.</param>
    /// <returns>Ok or BadGeometry.</returns>
    public static RingStatus TryCreateParts(long queueSize, long tableBytes, long availBytes, long usedBytes, out SplitQueueLayout layout)
    {
        RingStatus status = TryCreate(queueSize, AlignBytesMin, int.MaxValue, out layout);
        if (status != RingStatus.Ok) return status;
        if (tableBytes >= layout.TableBytes && availBytes >= layout.AvailBytes && usedBytes >= layout.UsedBytes) return RingStatus.Ok;
        layout = default;
        return RingStatus.BadGeometry;
    }
}
