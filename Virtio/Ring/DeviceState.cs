using System.Runtime.InteropServices;

namespace RemoteprocEmu.Virtio.Ring;

/// <summary>What the device half of a split queue remembers between calls. Private memory: the driver can neither see nor change
/// it.</summary>
/// <remarks>
/// <see cref="SplitQueueDevice{TAccess}"/> is the mechanism over it. A used entry that would say what its slot said a turn ago is not
/// written, and its cache line stays with the driver.
/// </remarks>
public sealed class DeviceState
{
    internal readonly DeviceRecord[] Records; // by descriptor and by slot of the used ring
    internal DeviceCursor Cursor;

    /// <summary>Makes the state of a queue whose memory is zero.</summary>
    /// <param name="layout">A layout that <see cref="SplitQueueLayout.TryCreate"/> made.</param>
    /// <param name="features">What was negotiated.</param>
    public DeviceState(in SplitQueueLayout layout, RingFeatures features = RingFeatures.None)
    {
        Layout = layout;
        Features = features;
        Records = new DeviceRecord[layout.QueueSize];
        Reset();
    }

    /// <summary>Where the parts of the queue lie.</summary>
    public SplitQueueLayout Layout { get; }

    /// <summary>What was negotiated.</summary>
    public RingFeatures Features { get; }

    /// <summary>
    /// Whether the driver may learn only the last used length of a batch. In order, one used entry stands for a whole batch then, and the
    /// driver takes the chains before the last for filled to their ends. For protocols that say in the buffer how long a message is, as
    /// rpmsg, and for queues that are only read.
    /// </summary>
    public bool CoalescesUsed { get; init; }

    /// <summary>Where both positions begin: 0, but for a queue that another device has left there.</summary>
    public ushort Position
    {
        get;
        init
        {
            field = value;
            Cursor = new DeviceCursor { NextAvail = value, SeenAvail = value, NextUsed = value, PublishedUsed = value };
        }
    }

    /// <summary>Chains taken and not yet returned. In order, one that was returned before an older one counts until that one is.</summary>
    public int TakenCount => (ushort)(Cursor.NextAvail - Cursor.NextUsed);

    /// <summary>What the used index says by now; nobody else writes it.</summary>
    public ushort PublishedIndex => Cursor.PublishedUsed;

    /// <summary>Whether something was returned and the driver does not see it yet.</summary>
    public bool HasUnpublished => Cursor.NextUsed != Cursor.PublishedUsed;

    /// <summary>The number behind the last fault that a call returned, for the log.</summary>
    public uint FaultValue { get; internal set; }

    /// <summary>The address behind the last fault that was about a buffer.</summary>
    public ulong FaultAddress { get; internal set; }

    /// <summary>Back to the state of a new queue, as a device reset asks: both positions 0.</summary>
    public void Reset()
    {
        for (int index = 0; index < Records.Length; index++) Records[index] = DeviceRecord.Fresh;
        Cursor = default;
        FaultValue = 0;
        FaultAddress = 0;
    }
}

/// <summary>Where the device half stands. Small, so that a batch keeps it in registers.</summary>
internal struct DeviceCursor
{
    public ushort NextAvail;              // next available entry to take
    public ushort SeenAvail;              // what AvailIndex said when it was last needed
    public ushort NextUsed;               // next chain to return
    public ushort PublishedUsed;          // what UsedIndex says
    public ushort LastHead;               // coalescing: the chain returned last
    public int EarlyCount;                // in order: chains returned before an older one
    public uint LastWritten;
    public long PublishedSinceInterrupt;  // entries published since the last interrupt decision; may pass 65536
}

/// <summary>Who has a chain, as the device half knows it.</summary>
internal enum DeviceRecordState : ushort
{
    /// <summary>The driver.</summary>
    Driver,

    /// <summary>The device: it took it.</summary>
    Taken,

    /// <summary>The device has returned it, in order, and an older one keeps it back.</summary>
    Early,
}

/// <summary>What the device half knows of one slot of the used ring, and of one chain.</summary>
[StructLayout(LayoutKind.Sequential, Size = 16)]
internal struct DeviceRecord
{
    public VringUsedElement Written; // by slot: what the used ring says, for write elision; never read back from there
    public uint EarlyBytes;          // by head, in order: what was written into a chain that was returned before an older one
    public ushort Taken;             // by slot of the available ring, in order: the head taken there
    public DeviceRecordState State;  // by head

    /// <summary>Knows of nothing written, so that the first write happens whatever lies in memory.</summary>
    public static DeviceRecord Fresh => new() { Written = new VringUsedElement(uint.MaxValue, uint.MaxValue) };
}
