namespace RemoteprocEmu.Virtio.Ring;

/// <summary>What a ring operation came to. Everything past <see cref="BadGeometry"/> is the other half breaking the protocol.</summary>
/// <remarks>
/// A fault moves nothing: neither half's position changes, so the same call gives the same fault again. The owner stops that ring and
/// leaves the others alone. The number that gave the other half away is in <c>FaultValue</c> of the half's state, for the log.
/// </remarks>
public enum RingStatus : byte
{
    /// <summary>Done.</summary>
    Ok,

    /// <summary>Nothing waits.</summary>
    Empty,

    /// <summary>Fewer free descriptors than the chain needs.</summary>
    Full,

    /// <summary>Queue size or alignment is no power of two in range, or the region is too small.</summary>
    BadGeometry,

    /// <summary>The other half's index runs further ahead than the queue has descriptors. Value: that index.</summary>
    IndexTooFarAhead,

    /// <summary>Driver's fault: an available entry names no descriptor of this queue. Value: the entry.</summary>
    HeadOutOfRange,

    /// <summary>Driver's fault: a descriptor chains on to none of this table. Value: its next field.</summary>
    NextOutOfRange,

    /// <summary>Driver's fault: a chain has more links than its table has descriptors, so it bites its tail. Value: its head.</summary>
    ChainLoops,

    /// <summary>Driver's fault: a chain has more segments than the device takes. Value: its head.</summary>
    ChainTooLong,

    /// <summary>Driver's fault: a descriptor is an indirect table, which was not negotiated. Value: that descriptor.</summary>
    IndirectUnsupported,

    /// <summary>Driver's fault: a readable segment follows a writable one. Value: that descriptor.</summary>
    ReadableAfterWritable,

    /// <summary>Device's fault: a used entry names no descriptor of this queue. Value: the id.</summary>
    IdOutOfRange,

    /// <summary>Device's fault: a used entry names a descriptor that heads no outstanding chain. Value: the id.</summary>
    IdNotAHead,

    /// <summary>Device's fault, in order: a used entry names a chain beyond what the index says is used. Value: the id.</summary>
    IdOutOfOrder,

    /// <summary>Driver's fault: a descriptor is an indirect table and chains on. Value: that descriptor.</summary>
    IndirectWithNext,

    /// <summary>Driver's fault: an indirect table holds another one. Value: its place in the outer table.</summary>
    IndirectNested,

    /// <summary>Driver's fault: an indirect table's length is 0 or no multiple of 16. Value: that length.</summary>
    IndirectLength,

    /// <summary>Driver's fault: an indirect table lies where no memory is. Value: its descriptor.</summary>
    IndirectUnmapped,

    /// <summary>Driver's fault, packed: more descriptors are available than the device has given back. Value: the slot that is too
    /// many.</summary>
    SlotNotFree,

    /// <summary>Driver's fault, packed: a chain goes on in a slot that is not available. Value: that slot.</summary>
    LinkNotAvailable,

    /// <summary>Driver's fault: it offers a chain that it has offered already and not got back. Value: its head.</summary>
    HeadTwice,

    /// <summary>Driver's fault: a buffer lies, whole or in part, where no memory is. Value: its descriptor.</summary>
    BufferUnmapped,

    /// <summary>Driver's fault: a buffer is to be read where one to be written is due, or the other way round. Value: its
    /// descriptor.</summary>
    WrongDirection,
}
