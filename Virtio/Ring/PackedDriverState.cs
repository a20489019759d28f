using System;

namespace RemoteprocEmu.Virtio.Ring;

/// <summary>What the driver half of a packed queue remembers between calls. Private memory: the device can neither see nor change
/// it.</summary>
/// <remarks>
/// One object per queue, made when the queue is; nothing is allocated after. <see cref="PackedQueueDriver{TAccess}"/> is the mechanism over
/// it. Ids are used first-in first-out, so that in order the outstanding ones are neighbours.
/// </remarks>
public sealed class PackedDriverState
{
    internal readonly PackedFreeList FreeIds;
    internal readonly PackedDriverRecord[] Records; // by id
    internal PackedPosition NextAvail;        // next slot to write
    internal PackedPosition PublishedAvail;   // the slot behind the last one that the device may see
    internal PackedPosition NextUsed;         // next slot to reclaim from
    internal int PendingSlots;                // slots offered and not published
    internal int PendingHead;                 // the first of them, whose flags are still to be written
    internal ushort PendingFlags;
    internal bool InBatch;                    // in order: a used descriptor stands for more than was reclaimed yet
    internal ushort OldestId;                 // in order: the next id to be reclaimed
    internal ushort BatchId;                  // in order: the last id that the used descriptor stands for
    internal uint BatchWritten;
    internal long NextSerial;                 // of the next chain that is offered
    internal long PublishedSerial;            // of the first one that is not published
    internal ushort EventFlags;               // what DriverEvent says

    /// <summary>Makes the state of a queue whose memory is zero.</summary>
    /// <param name="layout">A layout that <see cref="PackedQueueLayout.TryCreate"/> made.</param>
    /// <param name="features">What was negotiated.</param>
    public PackedDriverState(in PackedQueueLayout layout, RingFeatures features = RingFeatures.None)
    {
        Layout = layout;
        Features = features;
        FreeIds = new PackedFreeList(layout.QueueSize);
        Records = new PackedDriverRecord[layout.QueueSize];
        Reset();
    }

    /// <summary>Where the parts of the queue lie.</summary>
    public PackedQueueLayout Layout { get; }

    /// <summary>What was negotiated.</summary>
    public RingFeatures Features { get; }

    /// <summary>Slots that no outstanding chain uses.</summary>
    public int FreeCount { get; internal set; }

    /// <summary>Slots published since the last kick decision.</summary>
    public long PublishedSinceKick { get; internal set; }

    /// <summary>The number behind the last fault that a call returned, for the log.</summary>
    public uint FaultValue { get; internal set; }

    internal bool EventIndex => (Features & RingFeatures.EventIndex) != 0;

    internal bool InOrder => (Features & RingFeatures.InOrder) != 0;

    /// <summary>Back to the state of a new queue: all slots free, wrap counters 1, interrupts wanted. The memory is the caller's to
    /// zero.</summary>
    public void Reset()
    {
        FreeIds.Reset();
        Array.Clear(Records);
        NextAvail = PublishedAvail = NextUsed = PackedPosition.Start;
        PendingSlots = 0;
        InBatch = false;
        OldestId = 0;
        NextSerial = PublishedSerial = 0;
        EventFlags = PackedEvent.Enable;
        FreeCount = Layout.QueueSize;
        PublishedSinceKick = 0;
        FaultValue = 0;
    }
}

/// <summary>What the driver half knows of one id.</summary>
internal struct PackedDriverRecord
{
    public long Serial;         // which offer it was: 64 bits, for a device may keep one while 2^32 others pass
    public int Token;           // what the caller gave
    public uint WritableBytes;  // all that the device may write; at most 2^32 - 1
    public ushort SlotCount;    // slots of the outstanding chain; 0 where there is none
}
