using System.Collections.Generic;
using RemoteprocEmu.Platform;
using RemoteprocEmu.Platform.Memory;

namespace RemoteprocEmu.Remoteproc.Resources;

/// <summary>What is mapped in a processor's IOMMU domain, so that it can be unmapped. Kernel: rproc->mappings.</summary>
public sealed class MappingList
{
    private readonly Rproc _rproc;
    private readonly List<AddressWindow> _windows = [];

    internal MappingList(Rproc rproc) => _rproc = rproc;

    /// <summary>The mappings, in order.</summary>
    public IReadOnlyList<AddressWindow> Items => _windows;

    /// <summary>Maps a range. Kernel: iommu_map.</summary>
    /// <returns>Ok; EINVAL for an empty or wrapping range; EEXIST when it overlaps one that is mapped.</returns>
    internal Errno Map(string name, DeviceAddress deviceAddress, PhysicalAddress physicalAddress, ulong lengthBytes)
    {
        Invariant.Check(_rproc.Iommu is not null, "only a processor with an IOMMU maps");
        AddressWindow window = new(name, deviceAddress, physicalAddress, lengthBytes);
        Errno errno = _rproc.Kernel.Faults.At("iommu_map");
        if (errno == Errno.Ok) errno = _rproc.Iommu.Map(window);
        if (errno == Errno.Ok) _windows.Add(window);
        else _rproc.Log.Error(_rproc, $"failed to map {name}, da {deviceAddress}, len 0x{lengthBytes:x}: {errno.Kernel()}");
        return errno;
    }

    /// <summary>Unmaps everything, in order.</summary>
    internal void Release()
    {
        foreach (AddressWindow window in _windows)
            Invariant.Check(_rproc.Iommu!.Unmap(window.DeviceAddress, window.LengthBytes), "what was mapped is unmapped once");
        _windows.Clear();
    }
}
