using System.Runtime.InteropServices;

namespace RemoteprocEmu.Virtio.Ring;

/// <summary>What the driver half of a split queue remembers between calls. Private memory: the device can neither see nor change
/// it.</summary>
/// <remarks>
/// One object per queue, made when the queue is; nothing is allocated after. <see cref="SplitQueueDriver{TAccess}"/> is the mechanism over
/// it.
/// Free descriptors wait in a list and are used first-in first-out, so a queue of single buffers walks its table in order, and what it
/// would write into an entry is what it wrote there a turn ago: then it writes nothing, and the cache line stays with the device.
/// </remarks>
public sealed class DriverState
{
    internal readonly DriverRecord[] Records; // by descriptor and by slot of the available ring
    internal DriverCursor Cursor;

    /// <summary>Makes the state of a queue whose memory is zero.</summary>
    /// <param name="layout">A layout that <see cref="SplitQueueLayout.TryCreate"/> made.</param>
    /// <param name="features">What was negotiated.</param>
    public DriverState(in SplitQueueLayout layout, RingFeatures features = RingFeatures.None)
    {
        Layout = layout;
        Features = features;
        Records = new DriverRecord[layout.QueueSize];
        Reset();
    }

    /// <summary>Where the parts of the queue lie.</summary>
    public SplitQueueLayout Layout { get; }

    /// <summary>What was negotiated.</summary>
    public RingFeatures Features { get; }

    /// <summary>Descriptors that no outstanding chain uses.</summary>
    public int FreeCount => Cursor.FreeCount;

    /// <summary>Entries published since the last kick decision. The kernel forces a kick at 65535, before a 16-bit count would
    /// lie.</summary>
    public long PublishedSinceKick => Cursor.PublishedSinceKick;

    /// <summary>The number behind the last fault that a call returned, for the log.</summary>
    public uint FaultValue { get; internal set; }

    /// <summary>Back to the state of a new queue: all descriptors free, both positions 0, interrupts wanted. The memory is the caller's to
    /// zero.</summary>
    public void Reset()
    {
        for (int index = 0; index < Records.Length; index++) Records[index] = DriverRecord.Free(next: (ushort)(index + 1));
        Cursor = new DriverCursor
        {
            FreeTail = (ushort)(Records.Length - 1),
            FreeCount = Records.Length,
            InterruptArmed = true,
        };
        FaultValue = 0;
    }
}

/// <summary>Where the driver half stands. Small, so that a batch keeps it in registers.</summary>
internal struct DriverCursor
{
    public ushort NextAvail;         // next available entry to write
    public ushort PublishedAvail;    // what AvailIndex says
    public ushort NextUsed;          // next chain to reclaim
    public ushort SeenUsed;          // what UsedIndex said when it was last needed
    public ushort FreeHead;
    public ushort FreeTail;
    public ushort BatchEnd;          // in order: one past the chains that the last used entry stands for
    public bool InterruptArmed;
    public int FreeCount;
    public uint BatchWritten;        // in order: what that entry says about the last of them
    public long PublishedSinceKick;
}

/// <summary>What the driver half knows of one descriptor, of the chain that it heads, and of one slot of the available ring.</summary>
/// <remarks>Half a cache line, so that a round of a queue of single buffers touches one of these.</remarks>
[StructLayout(LayoutKind.Sequential, Size = 32)]
internal struct DriverRecord
{
    public VringDescriptor Written;  // what the table says, for write elision; never read back from there
    public int Token;                // by head: what the caller gave with the chain
    public uint WritableBytes;       // by head: all that the device may write into the chain
    public ushort Next;              // the list of free descriptors, and the links of each outstanding chain
    public ushort Length;            // by head: descriptors of the outstanding chain; 0 where no chain starts
    public ushort Position;          // by head: where the chain was offered, free-running
    public ushort Entry;             // by slot: what the available ring says, for write elision

    /// <summary>Knows of nothing written, so that the first write happens whatever lies in memory.</summary>
    public static DriverRecord Free(ushort next) => new()
    {
        Written = new VringDescriptor(ulong.MaxValue, uint.MaxValue, (VringDescriptorFlags)ushort.MaxValue, ushort.MaxValue),
        Next = next,
        Entry = ushort.MaxValue,
    };
}
