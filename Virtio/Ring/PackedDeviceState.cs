using System;

namespace RemoteprocEmu.Virtio.Ring;

/// <summary>What the device half of a packed queue remembers between calls. Private memory: the driver can neither see nor change
/// it.</summary>
/// <remarks>
/// <see cref="PackedQueueDevice{TAccess}"/> is the mechanism over it. The driver's ids are opaque here: a taken chain has a number of our
/// own, below the queue size, under which it is returned.
/// </remarks>
public sealed class PackedDeviceState
{
    internal readonly PackedFreeList FreeHeads;
    internal readonly PackedDeviceRecord[] Records; // by head
    internal PackedPosition NextAvail;        // next slot to take from
    internal PackedPosition NextUsed;         // next slot to write
    internal PackedPosition PublishedUsed;    // the slot behind the last one that the driver may see
    internal int TakenSlots;                  // slots taken and not published as used
    internal bool HasPending;                 // a used descriptor waits for its flags
    internal int PendingSlot;                 // its slot; those behind it are complete
    internal ushort PendingFlags;
    internal int PendingSlots;                // slots of all used descriptors not yet published
    internal ushort OldestHead;               // in order: the next chain to go back
    internal int EarlyCount;                  // in order: chains returned before an older one
    internal int BatchSlots;                  // in order: slots of the chains for which one used descriptor is still to be written
    internal ushort BatchId;                  // the last of these chains, how much was written into it, and how much might be
    internal uint BatchWritten;
    internal uint BatchWritable;

    /// <summary>Makes the state of a queue whose memory is zero.</summary>
    /// <param name="layout">A layout that <see cref="PackedQueueLayout.TryCreate"/> made.</param>
    /// <param name="features">What was negotiated.</param>
    public PackedDeviceState(in PackedQueueLayout layout, RingFeatures features = RingFeatures.None)
    {
        Layout = layout;
        Features = features;
        FreeHeads = new PackedFreeList(layout.QueueSize);
        Records = new PackedDeviceRecord[layout.QueueSize];
        Reset();
    }

    /// <summary>Where the parts of the queue lie.</summary>
    public PackedQueueLayout Layout { get; }

    /// <summary>What was negotiated.</summary>
    public RingFeatures Features { get; }

    /// <summary>
    /// Whether the driver may learn only the last used length of a batch. In order, one used descriptor stands for a whole batch then, and
    /// the driver takes the chains before the last for filled to their ends. Without it, it stands only for chains that were.
    /// </summary>
    public bool CoalescesUsed { get; init; }

    /// <summary>Chains taken and not yet returned. In order, one that was returned before an older one counts until that one is.</summary>
    public int TakenCount { get; internal set; }

    /// <summary>Slots published since the last interrupt decision.</summary>
    public long PublishedSinceInterrupt { get; internal set; }

    /// <summary>The number behind the last fault that a call returned, for the log.</summary>
    public uint FaultValue { get; internal set; }

    internal bool EventIndex => (Features & RingFeatures.EventIndex) != 0;

    internal bool InOrder => (Features & RingFeatures.InOrder) != 0;

    /// <summary>Back to the state of a new queue, as a device reset asks: all positions 0, wrap counters 1.</summary>
    public void Reset()
    {
        FreeHeads.Reset();
        Array.Clear(Records);
        NextAvail = NextUsed = PublishedUsed = PackedPosition.Start;
        TakenSlots = TakenCount = 0;
        HasPending = false;
        PendingSlots = 0;
        OldestHead = 0;
        EarlyCount = 0;
        BatchSlots = 0;
        PublishedSinceInterrupt = 0;
        FaultValue = 0;
    }
}

/// <summary>What the device half knows of one taken chain.</summary>
internal struct PackedDeviceRecord
{
    public uint WritableBytes;  // all that may be written into it; at most 2^32 - 1
    public uint EarlyBytes;     // in order: what was written into a chain that was returned before an older one
    public ushort Id;           // the driver's word, given back as it came
    public ushort SlotCount;    // 0 where the head is free
    public bool IsEarly;
}
