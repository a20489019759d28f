namespace RemoteprocEmu.Interop.VhostUser;

/// <summary>What a front end did that was refused, or why its connection ended.</summary>
public enum VhostUserFault
{
    /// <summary>Nothing.</summary>
    None,
    /// <summary>The message has not come whole yet.</summary>
    Incomplete,
    /// <summary>The header's version is not 1.</summary>
    BadVersion,
    /// <summary>The payload is longer than that of any message.</summary>
    TooLong,
    /// <summary>A reply came where requests come.</summary>
    UnexpectedReply,
    /// <summary>The payload is not as long as this request's.</summary>
    BadLength,
    /// <summary>There is no such request, or it was not offered.</summary>
    NotOffered,
    /// <summary>A feature was taken that was not offered.</summary>
    FeatureNotOffered,
    /// <summary>There is no ring of that number.</summary>
    NoSuchRing,
    /// <summary>The ring runs, or the device does: this is for stopped ones.</summary>
    RingRuns,
    /// <summary>The number of descriptors makes no ring.</summary>
    BadRingSize,
    /// <summary>A part of the ring is in no region, or the parts overlap.</summary>
    BadRingAddress,
    /// <summary>A message has more or fewer descriptors (files) than belong to it.</summary>
    BadDescriptorCount,
    /// <summary>A region's numbers make no region: empty, not whole pages, past the end of the address space, overlapping.</summary>
    BadRegion,
    /// <summary>There are more regions than can be.</summary>
    TooManyRegions,
    /// <summary>What a region's descriptor stands for is no file of that length, or cannot be mapped.</summary>
    RegionNotMapped,
    /// <summary>A value that the request cannot have.</summary>
    BadValue,
    /// <summary>Memory was cut off while it was in use.</summary>
    MemoryShrank,
    /// <summary>The front end does not take its replies.</summary>
    DoesNotRead,
    /// <summary>The front end closed the connection.</summary>
    PeerClosed,
    /// <summary>The socket failed.</summary>
    SocketFailed,
}
