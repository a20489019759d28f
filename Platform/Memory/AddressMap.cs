using System;
using System.Collections.Generic;
using System.Threading;

namespace RemoteprocEmu.Platform.Memory;

/// <summary>A range of device addresses and the range of the bus that it shows.</summary>
/// <param name="Name">What a person calls it: <c>umem</c>, <c>iommu:vdev0vring0</c>.</param>
/// <param name="DeviceAddress">Its first device address.</param>
/// <param name="PhysicalAddress">What that address shows.</param>
/// <param name="LengthBytes">Bytes; at least 1.</param>
public readonly record struct AddressWindow(string Name, DeviceAddress DeviceAddress, PhysicalAddress PhysicalAddress, ulong LengthBytes)
{
    /// <summary>Whether the whole range lies in this window.</summary>
    public bool Contains(DeviceAddress address, ulong lengthBytes) =>
        address.Value >= DeviceAddress.Value && lengthBytes <= LengthBytes &&
        address.Value - DeviceAddress.Value <= LengthBytes - lengthBytes;

    /// <summary>Whether the two share a device address.</summary>
    public bool Overlaps(in AddressWindow other) => Touches(other.DeviceAddress, other.LengthBytes);

    /// <summary>Whether any byte of the range lies in this window.</summary>
    public bool Touches(DeviceAddress address, ulong lengthBytes) => // distances, not ends: an end may be 2^64
        address.Value >= DeviceAddress.Value
            ? lengthBytes != 0 && address.Value - DeviceAddress.Value < LengthBytes
            : DeviceAddress.Value - address.Value < lengthBytes;
}

/// <summary>What a remote processor's addresses mean: several windows onto the bus. Also the model of an IOMMU domain.</summary>
/// <remarks>Changed by the host processor, read by any: a change publishes a new array, so a reader sees all of it or none.</remarks>
public sealed class AddressMap
{
    private AddressWindow[] _windows = [];

    /// <summary>The windows, in the order in which they were added.</summary>
    public IReadOnlyList<AddressWindow> Windows => Volatile.Read(ref _windows);

    /// <summary>Adds a window. Kernel, for an IOMMU: iommu_map.</summary>
    /// <returns>Ok; EINVAL for an empty window or one past the end of the address space; EEXIST when it overlaps another.</returns>
    public Errno Map(in AddressWindow window)
    {
        if (window.LengthBytes == 0) return Errno.EINVAL;
        if (window.DeviceAddress.Value + (window.LengthBytes - 1) < window.DeviceAddress.Value) return Errno.EINVAL;
        if (window.PhysicalAddress.Value + (window.LengthBytes - 1) < window.PhysicalAddress.Value) return Errno.EINVAL;
        foreach (ref readonly AddressWindow other in _windows.AsSpan())
        {
            if (other.Overlaps(window)) return Errno.EEXIST;
        }

        Volatile.Write(ref _windows, [.. _windows, window]);
        return Errno.Ok;
    }

    /// <summary>Takes a window away again. Kernel: iommu_unmap.</summary>
    /// <returns>False when there is none at exactly this range.</returns>
    public bool Unmap(DeviceAddress address, ulong lengthBytes)
    {
        int index = Array.FindIndex(_windows, window => window.DeviceAddress == address && window.LengthBytes == lengthBytes);
        if (index < 0) return false;
        Volatile.Write(ref _windows, [.. _windows[..index], .. _windows[(index + 1)..]]);
        return true;
    }

    /// <summary>Whether any byte of a range of device addresses lies in a window.</summary>
    public bool Touches(DeviceAddress address, ulong lengthBytes)
    {
        foreach (ref readonly AddressWindow window in Volatile.Read(ref _windows).AsSpan())
        {
            if (window.Touches(address, lengthBytes)) return true;
        }

        return false;
    }

    /// <summary>Cuts a stretch around an address to what is all inside, or all outside, of the same window as the address.</summary>
    /// <param name="address">The address.</param>
    /// <param name="before">Bytes before it; may become less.</param>
    /// <param name="after">Bytes from it on; may become less.</param>
    internal void Clip(DeviceAddress address, ref ulong before, ref ulong after)
    {
        foreach (ref readonly AddressWindow window in Volatile.Read(ref _windows).AsSpan())
        {
            if (window.Touches(address, 1))
            {
                ulong offset = address.Value - window.DeviceAddress.Value;
                before = Math.Min(before, offset);
                after = Math.Min(after, window.LengthBytes - offset);
            }
            else if (window.DeviceAddress.Value > address.Value)
            {
                after = Math.Min(after, window.DeviceAddress.Value - address.Value);
            }
            else
            {
                ulong end = window.DeviceAddress.Value + (window.LengthBytes - 1); // the last byte: one past it may be 2^64
                before = Math.Min(before, address.Value - end - 1);
            }
        }
    }

    /// <summary>Finds what a range of device addresses shows. A range must lie in one window.</summary>
    public bool TryTranslate(DeviceAddress address, ulong lengthBytes, out PhysicalAddress physical)
    {
        foreach (ref readonly AddressWindow window in Volatile.Read(ref _windows).AsSpan())
        {
            if (!window.Contains(address, lengthBytes)) continue;
            physical = window.PhysicalAddress + (address.Value - window.DeviceAddress.Value);
            return true;
        }

        physical = default;
        return false;
    }
}
