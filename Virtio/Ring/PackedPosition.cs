namespace RemoteprocEmu.Virtio.Ring;

/// <summary>A place in a packed ring: a slot, and the wrap counter that goes with it. Private memory.</summary>
/// <remarks>Source: VIRTIO 1.3, 2.8.1.</remarks>
internal struct PackedPosition
{
    private const PackedDescriptorFlags MarkBits = PackedDescriptorFlags.Avail | PackedDescriptorFlags.Used;

    /// <summary>Below the queue size.</summary>
    public int Slot;

    /// <summary>The wrap counter: toggled behind the last slot.</summary>
    public bool Wrap;

    /// <summary>Where everything begins: slot 0, wrap counter 1.</summary>
    public static PackedPosition Start => new() { Slot = 0, Wrap = true };

    /// <summary>The marks of an available descriptor here: AVAIL is the wrap counter, USED is not.</summary>
    public readonly ushort AvailableMarks => (ushort)(Wrap ? PackedDescriptorFlags.Avail : PackedDescriptorFlags.Used);

    /// <summary>The marks of a used descriptor here: both are the wrap counter.</summary>
    public readonly ushort UsedMarks => Wrap ? (ushort)MarkBits : (ushort)0;

    /// <summary>This place as the event structure tells it: offset in bits 0 to 14, wrap counter in bit 15.</summary>
    public readonly ushort EventOffset => (ushort)(Slot | (Wrap ? PackedEvent.WrapBit : 0));

    /// <summary>Whether flags that were read here say available.</summary>
    public readonly bool IsAvailable(ushort flags) => (flags & (ushort)MarkBits) == AvailableMarks;

    /// <summary>Whether flags that were read here say used.</summary>
    public readonly bool IsUsed(ushort flags) => (flags & (ushort)MarkBits) == UsedMarks;

    /// <summary>Goes on by some slots, at most the queue size.</summary>
    public void Advance(int slots, int queueSize)
    {
        Slot += slots;
        if (Slot < queueSize) return;
        Slot -= queueSize;
        Wrap = !Wrap;
    }
}
