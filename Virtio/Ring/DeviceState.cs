namespace RemoteprocEmu.Virtio.Ring;

/// <summary>What the device half of a split queue remembers between calls. Private memory: the driver can neither see nor change
/// it.</summary>
/// <remarks><see cref="SplitQueueDevice{TAccess}"/> is the mechanism over it.</remarks>
public sealed class DeviceState
{
    internal ushort NextAvail;                // next available entry to take
    internal ushort SeenAvail;                // what AvailIndex said when it was last needed
    internal ushort NextUsed;                 // next used entry to write
    internal ushort PublishedUsed;            // what UsedIndex says
    internal long PublishedSinceInterrupt;    // entries published since the last interrupt decision; may pass 65536

    /// <summary>Makes the state of a queue whose memory is zero.</summary>
    /// <param name="layout">A layout that <see cref="SplitQueueLayout.TryCreate"/> made.</param>
    /// <param name="eventIndex">Whether VIRTIO_RING_F_EVENT_IDX was negotiated.</param>
    public DeviceState(in SplitQueueLayout layout, bool eventIndex)
    {
        Layout = layout;
        EventIndex = eventIndex;
    }

    /// <summary>Where the parts of the queue lie.</summary>
    public SplitQueueLayout Layout { get; }

    /// <summary>Whether notifications are suppressed by event index; otherwise by flags.</summary>
    public bool EventIndex { get; }

    /// <summary>Chains taken and not yet returned.</summary>
    public int TakenCount => (ushort)(NextAvail - NextUsed);

    /// <summary>The number behind the last fault that a call returned, for the log.</summary>
    public uint FaultValue { get; internal set; }

    /// <summary>Back to the state of a new queue, as a device reset asks: both positions 0.</summary>
    public void Reset()
    {
        NextAvail = SeenAvail = NextUsed = PublishedUsed = 0;
        PublishedSinceInterrupt = 0;
        FaultValue = 0;
    }
}
