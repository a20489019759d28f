using System;

namespace RemoteprocEmu.Platform.Memory;

/// <summary>Memory as a remote processor reaches it: through its windows, its IOMMU, and the bus.</summary>
/// <remarks>
/// A device address is looked up in this order: the platform's windows (tightly coupled memory and the like), the IOMMU's
/// mappings, and then, where the platform lets the processor reach the bus directly, as a bus address.
/// For use by the core and by whoever checks on it. Nothing here trusts the address.
/// </remarks>
public sealed class RemoteMemory(PhysicalMemory physical, AddressMap windows, AddressMap? iommu, bool reachesBus)
{
    /// <summary>What is on the bus.</summary>
    public PhysicalMemory Physical { get; } = physical;

    /// <summary>The platform's own windows.</summary>
    public AddressMap Windows { get; } = windows;

    /// <summary>The IOMMU domain; null when the processor has none.</summary>
    public AddressMap? Iommu { get; } = iommu;

    /// <summary>Whether an address that nothing maps goes to the bus as it is.</summary>
    public bool ReachesBus { get; } = reachesBus;

    /// <summary>Finds the bus address behind a range.</summary>
    /// <returns>False when the range is not mapped, or not in one piece: partly in a window, it is not looked up further.</returns>
    public bool TryTranslate(DeviceAddress address, ulong lengthBytes, out PhysicalAddress physical)
    {
        if (Windows.TryTranslate(address, lengthBytes, out physical)) return true;
        if (Windows.Touches(address, lengthBytes)) return false;
        if (Iommu is not null)
        {
            if (Iommu.TryTranslate(address, lengthBytes, out physical)) return true;
            if (Iommu.Touches(address, lengthBytes)) return false;
        }

        physical = new PhysicalAddress(address.Value);
        return ReachesBus;
    }

    /// <summary>Finds the bytes behind a range.</summary>
    /// <param name="address">First byte, as the processor names it. Not trusted.</param>
    /// <param name="lengthBytes">How many. Not trusted.</param>
    /// <param name="bytes">The bytes; empty on failure.</param>
    /// <returns>False when any byte of the range has no memory behind it: the access faults.</returns>
    public bool TrySlice(DeviceAddress address, ulong lengthBytes, out Span<byte> bytes)
    {
        bytes = default;
        if (lengthBytes > int.MaxValue || !TryTranslate(address, lengthBytes, out PhysicalAddress physical)) return false;
        MemoryBank? bank = Physical.Find(physical, lengthBytes);
        if (bank is null) return false;
        bytes = bank.Slice(physical, (int)lengthBytes);
        return true;
    }

    /// <summary>Finds the longest range around an address that one lookup answers for.</summary>
    /// <param name="address">An address in it. Not trusted.</param>
    /// <param name="window">The range; default when there is no memory at the address.</param>
    /// <returns>False when there is no memory at the address.</returns>
    public bool TryOpenWindow(DeviceAddress address, out MemoryWindow window)
    {
        window = default;
        if (!TryTranslate(address, 1, out PhysicalAddress physical)) return false;
        if (Physical.Find(physical, 1) is not { IsMapped: true } bank) return false;

        // As far as the bank goes both ways, and no further than the mapping that leads there.
        ulong before = physical.Value - bank.Address.Value;
        ulong after = (ulong)bank.SizeBytes - before;
        if (Windows.Touches(address, 1)) Windows.Clip(address, ref before, ref after);
        else
        {
            Windows.Clip(address, ref before, ref after);
            Iommu?.Clip(address, ref before, ref after);
        }

        before = Math.Min(before, address.Value);
        DeviceAddress first = new(address.Value - before);
        ulong lengthBytes = before + after;
        nint start = bank.Open(new PhysicalAddress(physical.Value - before), lengthBytes);
        window = new MemoryWindow(this, bank, first, lengthBytes, start);
        return true;
    }

    /// <summary>Finds the bytes behind a range, storable.</summary>
    /// <inheritdoc cref="TrySlice"/>
    public bool TrySliceMemory(DeviceAddress address, ulong lengthBytes, out Memory<byte> bytes)
    {
        bytes = default;
        if (lengthBytes > int.MaxValue || !TryTranslate(address, lengthBytes, out PhysicalAddress physical)) return false;
        MemoryBank? bank = Physical.Find(physical, lengthBytes);
        if (bank is null) return false;
        bytes = bank.SliceMemory(physical, (int)lengthBytes);
        return true;
    }
}
