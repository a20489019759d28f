using RemoteprocEmu.Virtio.Ring;

namespace RemoteprocEmu.Virtio.Fuzz.Conformance;

/// <summary>A buffer on its way round the model.</summary>
public sealed class ModelChain
{
    /// <summary>What the device reads, then what it writes.</summary>
    public VringSegment[] Segments { get; } = new VringSegment[QueueMemory.TableEntries];

    /// <summary>How many segments.</summary>
    public int Count { get; set; }

    /// <summary>How many of them the device reads.</summary>
    public int ReadableCount { get; set; }

    /// <summary>The caller's.</summary>
    public int Token { get; set; }

    /// <summary>Its indirect table; -1 for none.</summary>
    public int Table { get; set; }

    /// <summary>Descriptors of the queue that it takes.</summary>
    public int Slots => Table >= 0 ? 1 : Count;

    /// <summary>Split: its first descriptor. Packed: its id. Both are the driver's choice, and are read from memory.</summary>
    public int Id { get; set; }

    /// <summary>Split: which descriptors it takes, first to last.</summary>
    public int[] Descriptors { get; } = new int[QueueMemory.TableEntries];

    /// <summary>The model's name for it.</summary>
    public int Name { get; set; }

    /// <summary>Whether the device has returned it.</summary>
    public bool IsReturned { get; set; }

    /// <summary>What the device says that it has written.</summary>
    public uint WrittenBytes { get; set; }

    /// <summary>What the driver learns of that.</summary>
    public uint ReportedBytes { get; set; }

    /// <summary>All that the device may write.</summary>
    public uint WritableBytes
    {
        get
        {
            uint total = 0;
            for (int i = ReadableCount; i < Count; i++) total += Segments[i].LengthBytes;
            return total;
        }
    }
}
