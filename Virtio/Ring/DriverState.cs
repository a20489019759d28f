using System;

namespace RemoteprocEmu.Virtio.Ring;

/// <summary>What the driver half of a split queue remembers between calls. Private memory: the device can neither see nor change
/// it.</summary>
/// <remarks>
/// One object per queue, made when the queue is; nothing is allocated after. <see cref="SplitQueueDriver{TAccess}"/> is the mechanism over
/// it.
/// Free descriptors wait in a list and are used first-in first-out, so a queue of single buffers walks its table in order.
/// </remarks>
public sealed class DriverState
{
    internal readonly ushort[] Next;          // the list of free descriptors, and the links of each outstanding chain
    internal readonly ushort[] ChainLength;   // by head: descriptors of the outstanding chain; 0 where no chain starts
    internal readonly int[] Tokens;           // by head: what the caller gave with it

    internal ushort NextAvail;                // next available entry to write
    internal ushort PublishedAvail;           // what AvailIndex says
    internal ushort NextUsed;                 // next used entry to reclaim
    internal ushort SeenUsed;                 // what UsedIndex said when it was last needed
    internal ushort FreeHead;
    internal ushort FreeTail;
    internal bool InterruptArmed;

    /// <summary>Makes the state of a queue whose memory is zero.</summary>
    /// <param name="layout">A layout that <see cref="SplitQueueLayout.TryCreate"/> made.</param>
    /// <param name="eventIndex">Whether VIRTIO_RING_F_EVENT_IDX was negotiated.</param>
    public DriverState(in SplitQueueLayout layout, bool eventIndex)
    {
        Layout = layout;
        EventIndex = eventIndex;
        Next = new ushort[layout.QueueSize];
        ChainLength = new ushort[layout.QueueSize];
        Tokens = new int[layout.QueueSize];
        Reset();
    }

    /// <summary>Where the parts of the queue lie.</summary>
    public SplitQueueLayout Layout { get; }

    /// <summary>Whether notifications are suppressed by event index; otherwise by flags.</summary>
    public bool EventIndex { get; }

    /// <summary>Descriptors that no outstanding chain uses.</summary>
    public int FreeCount { get; internal set; }

    /// <summary>Entries published since the last kick decision. The kernel forces a kick at 65535, before a 16-bit count would
    /// lie.</summary>
    public long PublishedSinceKick { get; internal set; }

    /// <summary>The number behind the last fault that a call returned, for the log.</summary>
    public uint FaultValue { get; internal set; }

    /// <summary>Back to the state of a new queue: all descriptors free, both positions 0, interrupts wanted. The memory is the caller's to
    /// zero.</summary>
    public void Reset()
    {
        for (int index = 0; index < Next.Length; index++) Next[index] = (ushort)(index + 1);
        Array.Clear(ChainLength);
        Array.Clear(Tokens);
        NextAvail = PublishedAvail = NextUsed = SeenUsed = 0;
        PublishedSinceKick = 0;
        FreeHead = 0;
        FreeTail = (ushort)(Next.Length - 1);
        FreeCount = Next.Length;
        FaultValue = 0;
        InterruptArmed = true;
    }
}
