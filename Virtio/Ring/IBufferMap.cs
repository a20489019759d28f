namespace RemoteprocEmu.Virtio.Ring;

/// <summary>What the device knows about the driver's addresses: the judge of every address and length that a descriptor names.</summary>
public interface IBufferMap
{
    /// <summary>Finds the bytes behind a range.</summary>
    /// <param name="address">First byte, the driver's word. Not trusted.</param>
    /// <param name="lengthBytes">How many. Not trusted; may be 0.</param>
    /// <param name="start">Where the range lies in this process; it stays there until the map says otherwise, by its own rules. 0 on
    /// failure.</param>
    /// <returns>False when any byte of the range has no memory behind it.</returns>
    bool TryResolve(ulong address, uint lengthBytes, out nint start);
}
