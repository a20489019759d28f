using System;
using System.Collections.Generic;
using System.IO;
using Microsoft.Win32.SafeHandles;
using RemoteprocEmu.Interop.Native;
using RemoteprocEmu.Platform.Memory;

namespace RemoteprocEmu.Interop.VhostUser;

/// <summary>The memory of a guest: regions that its front end shares by descriptor, as a device half reaches them.</summary>
/// <remarks>
/// A table replaces the one before it, whole, or changes nothing. Each address that the guest or the front end names is looked up on each
/// use. One thread sets, uses and ends it, so nothing is unmapped in the middle of an access.
/// <para>The front end can cut its files off at any time. A region must be there whole when it is mapped; one that shrinks later is
/// noticed when it is used (<see cref="TruncationGuard"/>), and <see cref="HasShrunk"/> says so from then on.</para>
/// </remarks>
public sealed class GuestMemory : IDisposable
{
    /// <summary>The most regions of a table: VHOST_MEMORY_BASELINE_NREGIONS.</summary>
    public const int RegionCountMax = 8;

    /// <summary>The largest region, bytes: 64 GiB.</summary>
    public const ulong RegionBytesMax = 1UL << 36;

    private const ushort FileTypeMask = 0xf000, RegularFile = 0x8000;

    private readonly PhysicalMemory _physical = new();
    private readonly List<Mapped> _regions = [];

    /// <summary>Creates memory that has nothing in it.</summary>
    public GuestMemory() => Remote = new RemoteMemory(_physical, new AddressMap(), iommu: null, reachesBus: true);

    /// <summary>The memory as a device half reaches it: a device address is a guest address.</summary>
    public RemoteMemory Remote { get; }

    /// <summary>Regions that are mapped.</summary>
    public int RegionCount => _regions.Count;

    /// <summary>Whether a region was cut off while it was in use.</summary>
    public bool HasShrunk
    {
        get
        {
            foreach (Mapped region in _regions)
            {
                if (TruncationGuard.HasStruck(region.GuardEntry)) return true;
            }

            return false;
        }
    }

    /// <summary>Replaces the table.</summary>
    /// <param name="regions">The new one. Not trusted.</param>
    /// <param name="descriptors">A descriptor each; those taken are no longer in the list.</param>
    /// <returns>None; or BadRegion or RegionNotMapped, and nothing has changed.</returns>
    public VhostUserFault Replace(ReadOnlySpan<VhostUserRegion> regions, IList<SafeFileHandle> descriptors)
    {
        ArgumentNullException.ThrowIfNull(descriptors);
        if (regions.Length > RegionCountMax) return VhostUserFault.TooManyRegions;
        if (regions.Length != descriptors.Count) return VhostUserFault.BadDescriptorCount;
        if (!AreSound(regions)) return VhostUserFault.BadRegion;
        List<Mapped> mapped = [];
        foreach (VhostUserRegion region in regions)
        {
            SafeFileHandle descriptor = descriptors[0];
            descriptors.RemoveAt(0);
            if (TryMap(region, descriptor) is { } one)
            {
                mapped.Add(one);
                continue;
            }

            foreach (Mapped other in mapped) other.Dispose();
            return VhostUserFault.RegionNotMapped;
        }

        Dispose();
        foreach (Mapped region in mapped)
        {
            _regions.Add(region);
            _physical.Add(region.Bank);
        }

        return VhostUserFault.None;
    }

    /// <summary>Finds the guest address of what the front end has at an address of its own.</summary>
    /// <param name="userAddress">The address. Not trusted.</param>
    /// <param name="lengthBytes">How much; all of it in one region.</param>
    /// <param name="address">The guest address; Any on failure.</param>
    public bool TryTranslate(ulong userAddress, ulong lengthBytes, out DeviceAddress address)
    {
        foreach (Mapped mapped in _regions)
        {
            VhostUserRegion region = mapped.Region;
            if (userAddress < region.UserAddress || lengthBytes > region.SizeBytes) continue;
            ulong offset = userAddress - region.UserAddress;
            if (offset > region.SizeBytes - lengthBytes) continue;
            address = new DeviceAddress(region.GuestAddress + offset);
            return true;
        }

        address = DeviceAddress.Any;
        return false;
    }

    /// <summary>Unmaps everything.</summary>
    public void Dispose()
    {
        foreach (Mapped region in _regions)
        {
            _ = _physical.Remove(region.Bank); // it is there
            region.Dispose();
        }

        _regions.Clear();
    }

    private static bool AreSound(ReadOnlySpan<VhostUserRegion> regions)
    {
        for (int i = 0; i < regions.Length; i++)
        {
            if (!regions[i].IsSound(SharedMemory.PageBytes) || regions[i].SizeBytes > RegionBytesMax) return false;
            for (int j = 0; j < i; j++)
            {
                VhostUserRegion one = regions[i], other = regions[j];
                if (Overlap(one.GuestAddress, one.SizeBytes, other.GuestAddress, other.SizeBytes)) return false;
                if (Overlap(one.UserAddress, one.SizeBytes, other.UserAddress, other.SizeBytes)) return false;
            }
        }

        return true;
    }

    private static bool Overlap(ulong first, ulong firstBytes, ulong second, ulong secondBytes) =>
        first < second + secondBytes && second < first + firstBytes;

    private static Mapped? TryMap(VhostUserRegion region, SafeFileHandle descriptor)
    {
        if (!FileFacts.TryGet(descriptor, out ushort mode, out ulong sizeBytes) || (mode & FileTypeMask) != RegularFile ||
            region.FileOffset + region.SizeBytes > sizeBytes)
        {
            descriptor.Dispose();
            return null;
        }

        try
        {
            return new Mapped(region,
                SharedMemory.OpenDescriptor("guest", descriptor, (long)region.FileOffset, (long)region.SizeBytes));
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException or ArgumentException or
            NotSupportedException)
        {
            return null; // read-only, or on a file system that maps nothing
        }
    }

    private sealed class Mapped : IDisposable
    {
        private readonly SharedMemory _memory;

        public Mapped(VhostUserRegion region, SharedMemory memory)
        {
            Region = region;
            _memory = memory;
            Bank = new MemoryBank("guest", new PhysicalAddress(region.GuestAddress), memory);
            GuardEntry = Guard(memory);
        }

        public VhostUserRegion Region { get; }

        public MemoryBank Bank { get; }

        public int GuardEntry { get; }

        public void Dispose()
        {
            TruncationGuard.Remove(GuardEntry);
            ((IDisposable)_memory).Dispose();
        }

        // SAFETY: the address and the length of a mapping; the entry is removed before it is unmapped.
        private static unsafe int Guard(SharedMemory memory) => TruncationGuard.Add(memory.Base, memory.LengthBytes);
    }
}
