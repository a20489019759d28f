using System;
using System.Collections.Generic;
using RemoteprocEmu.Firmware.Elf;
using RemoteprocEmu.Firmware.Loading;
using RemoteprocEmu.Firmware.ResourceTable;
using RemoteprocEmu.Platform.Memory;

namespace RemoteprocEmu.Board;

/// <summary>
/// The memory that a board must have so that an image can run on it, read from the image: no two boards are alike, and an ELF file
/// names none.
/// </summary>
/// <remarks>
/// Windows: what PT_LOAD segments load to and run at, where the resource table runs, trace buffers, and - without an IOMMU - whatever
/// the table asks for at a fixed address. An image that cannot be opened gets no windows; its boot will say why.
/// </remarks>
public sealed class MemoryPlan
{
    /// <summary>Bound on the memory of one image's windows, bytes: more is a broken image, or needs a board of its own.</summary>
    public const ulong TotalBytesMax = 512UL << 20;

    // Neighbours this close become one window: an image's stack and heap lie past its last section.
    private const ulong GapBytes = 64 * 1024;

    private readonly List<(ulong Start, ulong End)> _ranges = [];

    private readonly List<(ulong Start, ulong End)> _fixed = [];
    private bool _fixedNeedsWindow;

    private MemoryPlan() { }

    /// <summary>Whether the table has a devmem entry, which only a processor with an IOMMU can have.</summary>
    public bool NeedsIommu { get; private set; }

    /// <summary>Device addresses that need memory, ascending, whole pages, apart from each other.</summary>
    public IReadOnlyList<(DeviceAddress Address, ulong LengthBytes)> Windows { get; private set; } = [];

    /// <summary>Bus addresses that devmem entries name, whole pages: device registers, here plain memory.</summary>
    public IReadOnlyList<(PhysicalAddress Address, ulong LengthBytes)> Registers { get; private set; } = [];

    /// <summary>
    /// Whether a range of the bus, reached by its own address, would be hidden by a window or by something at a fixed address.
    /// </summary>
    public bool Hides(AddressWindow range)
    {
        foreach ((ulong start, ulong end) in _fixed)
        {
            if (range.Overlaps(new AddressWindow("", new DeviceAddress(start), default, end - start))) return true;
        }

        return false;
    }

    /// <summary>Reads an image.</summary>
    /// <param name="image">An ELF file; may be empty or broken.</param>
    /// <param name="hasIommu">Whether the processor has an IOMMU; null: decided by <see cref="NeedsIommu"/>.</param>
    public static MemoryPlan Of(ReadOnlyMemory<byte> image, bool? hasIommu = null)
    {
        MemoryPlan plan = new();
        if (ElfImage.TryOpen(image, out ElfImage elf, out _) != ElfStatus.Ok) return plan;
        foreach (LoadSegment segment in LoadPlan.Of(elf))
        {
            plan.Add(segment.Address.Value, segment.MemorySizeBytes);
            plan.Add(segment.Header.VirtualAddress.Value, segment.MemorySizeBytes);
        }

        if (ResourceTableSection.TryFind(elf, out ResourceTableSection section) == ResourceTableStatus.Ok)
        {
            plan.Add(section.Address.Value, (ulong)section.SizeBytes);
            plan.AddTable(section.Bytes.Span, hasIommu);
        }

        plan.Merge();
        return plan;
    }

    private void AddTable(ReadOnlySpan<byte> table, bool? hasIommu)
    {
        if (ResourceTableReader.TryOpen(table, out ResourceTableReader reader) != ResourceTableStatus.Ok) return;
        List<(PhysicalAddress, ulong)> registers = [];
        for (int i = 0; i < reader.EntryCount; i++)
        {
            if (reader.TryGetEntry(i, out ResourceEntry entry) != ResourceTableStatus.Ok) continue;
            if (entry.Type != ResourceType.Devmem) continue;
            if (reader.TryReadDevmem(entry, out DevmemEntry devmem) != ResourceTableStatus.Ok) continue;
            NeedsIommu = true;
            if (devmem.LengthBytes is > 0 and <= 1 << 20)
                registers.Add((new PhysicalAddress(devmem.Pa & ~0xFFFu), (devmem.LengthBytes + 0xFFF) & ~0xFFFu));
        }

        Registers = registers;
        _fixedNeedsWindow = !(hasIommu ?? NeedsIommu);
        for (int i = 0; i < reader.EntryCount; i++)
        {
            if (reader.TryGetEntry(i, out ResourceEntry entry) == ResourceTableStatus.Ok) AddEntry(reader, entry);
        }
    }

    private void AddEntry(in ResourceTableReader reader, in ResourceEntry entry)
    {
        if (entry.Type == ResourceType.Trace && reader.TryReadTrace(entry, out TraceEntry trace) == ResourceTableStatus.Ok)
        {
            AddFixed(trace.Da, trace.LengthBytes, needsWindow: true);
        }
        else if (entry.Type == ResourceType.Carveout && reader.TryReadCarveout(entry, out CarveoutEntry carveout) == ResourceTableStatus.Ok)
        {
            AddFixed(carveout.Da, carveout.LengthBytes, _fixedNeedsWindow);
        }
        else if (entry.Type == ResourceType.Vdev && reader.TryReadVdev(entry, out VdevEntry vdev) == ResourceTableStatus.Ok)
        {
            for (int i = 0; i < vdev.VringCount; i++)
            {
                if (reader.TryReadVring(entry, vdev, i, out VdevVring vring) == ResourceTableStatus.Ok)
                    AddFixed(vring.Da, VringSize.ReservedBytes(vring.Num, vring.AlignBytes), _fixedNeedsWindow);
            }
        }
    }

    private void AddFixed(uint da, ulong lengthBytes, bool needsWindow)
    {
        if (new DeviceAddress(da).IsAny) return;
        if (needsWindow) Add(da, lengthBytes);
        else _fixed.Add((da, da + lengthBytes));
    }

    private void Add(ulong address, ulong lengthBytes)
    {
        if (lengthBytes == 0 || lengthBytes > TotalBytesMax || address > ulong.MaxValue - lengthBytes - 0xFFF) return;
        _ranges.Add((address & ~0xFFFUL, (address + lengthBytes + 0xFFF) & ~0xFFFUL));
    }

    private void Merge()
    {
        _ranges.Sort();
        List<(DeviceAddress, ulong)> windows = [];
        ulong totalBytes = 0;
        for (int i = 0; i < _ranges.Count; i++)
        {
            (ulong start, ulong end) = _ranges[i];
            while (i + 1 < _ranges.Count && _ranges[i + 1].Start <= end + GapBytes) end = Math.Max(end, _ranges[++i].End);
            if (end - start > TotalBytesMax - totalBytes) break; // the segments past the bound fail their da_to_va, and say so
            totalBytes += end - start;
            windows.Add((new DeviceAddress(start), end - start));
            _fixed.Add((start, end));
        }

        Windows = windows;
    }
}
