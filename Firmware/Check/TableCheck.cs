using System;
using System.Collections.Generic;
using System.Numerics;
using RemoteprocEmu.Firmware.Loading;
using RemoteprocEmu.Firmware.ResourceTable;
using RemoteprocEmu.Platform.Memory;

namespace RemoteprocEmu.Firmware.Check;

/// <summary>One check of one table: the kernel's rules entry by entry, then what entries do to each other.</summary>
/// <remarks>Bound: <see cref="MaxEntries"/> entries are looked at and <see cref="MaxVrings"/> rings of each, for offsets may repeat; real
/// tables have a dozen.</remarks>
internal sealed class TableCheck(ResourceTableSection section, List<LoadSegment>? segments, FindingList findings)
{
    private const int MaxEntries = 256;
    private const int MaxVrings = 8;
    private const uint VirtioIdNet = 1;
    private const uint VirtioIdRpmsg = 7;
    private const uint NetFeaturesOfThirdQueue = (1u << 17) | (1u << 22);
    private const uint SplitRingMax = 32768;

    private readonly List<Named> _names = [];
    private readonly List<Range> _carveouts = [];
    private readonly List<Range> _vrings = [];
    private readonly List<Range> _entries = [];
    private readonly List<(uint Id, ulong FileOffset, string Field)> _notifyIds = [];

    internal void Run()
    {
        ReadOnlySpan<byte> bytes = section.Bytes.Span;
        if (bytes.Length < ResourceTableHeader.SizeBytes)
        {
            findings.Add(CheckRules.Of(ResourceTableStatus.ShorterThanHeader), section.FileOffset, ".resource_table size",
                (ulong)bytes.Length);
            return;
        }

        ResourceTableReader table = CheckHeader(bytes);
        for (int i = 0; i < Math.Min(table.EntryCount, MaxEntries) && !findings.IsFull; i++)
        {
            ResourceTableStatus status = table.TryGetEntry(i, out ResourceEntry entry);
            if (status == ResourceTableStatus.Ok) CheckEntry(table, entry);
            else Report(status, At(ResourceTableHeader.EntryOffsetOffset(i)), $"offset[{i}]", table.OffsetOf(i),
                $"the table has 0x{bytes.Length:x} bytes");
        }

        CheckOverlaps(_carveouts, CheckRules.CarveoutsOverlap);
        CheckOverlaps(_vrings, CheckRules.VringsTooClose);
        CheckOverlaps(_entries, CheckRules.EntriesOverlap);
        CheckNotifyIds();
        CheckAgainstSegments();
    }

    private ResourceTableReader CheckHeader(ReadOnlySpan<byte> bytes)
    {
        ResourceTableHeader header = ResourceTableHeader.Read(bytes, section.ByteOrder);
        if (header.Version != ResourceTableHeader.SupportedVersion)
        {
            Report(ResourceTableStatus.UnsupportedVersion, At(ResourceTableHeader.VersionOffset), "ver", header.Version);
        }

        if (header.Reserved0 != 0) Report(ResourceTableStatus.ReservedNotZero, At(ResourceTableHeader.ReservedOffset), "reserved[0]",
            header.Reserved0);
        if (header.Reserved1 != 0) Report(ResourceTableStatus.ReservedNotZero, At(ResourceTableHeader.ReservedOffset + 4), "reserved[1]",
            header.Reserved1);
        int room = (bytes.Length - ResourceTableHeader.SizeBytes) / ResourceTableHeader.OffsetBytes;
        if (header.EntryCount > (uint)room)
        {
            Report(ResourceTableStatus.OffsetsTruncated, At(ResourceTableHeader.EntryCountOffset), "num", header.EntryCount,
                $"there is room for {room} offsets");
            return default; // what follows the header is not known to be offsets
        }

        if (header.EntryCount == 0) findings.Add(CheckRules.EmptyTable, At(ResourceTableHeader.EntryCountOffset), "num", 0);
        if (header.EntryCount > MaxEntries)
        {
            findings.Add(CheckRules.TooManyEntries, At(ResourceTableHeader.EntryCountOffset), "num", header.EntryCount,
                $"the first {MaxEntries} are checked");
        }

        return ResourceTableReader.Unjudged(bytes, section.ByteOrder, header);
    }

    private void CheckEntry(ResourceTableReader table, in ResourceEntry entry)
    {
        string where = $"entry {entry.Index}";
        int payload = entry.PayloadOffset;
        ulong payloadBytes = 0;
        switch (entry.Type)
        {
            case ResourceType.Carveout:
                if (table.TryReadCarveout(entry, out CarveoutEntry carveout) == ResourceTableStatus.EntryTruncated) ReportTruncated(entry,
                    CarveoutEntry.SizeBytes);
                else CheckCarveout(carveout, payload, where);
                payloadBytes = CarveoutEntry.SizeBytes;
                break;
            case ResourceType.Devmem:
                if (table.TryReadDevmem(entry, out DevmemEntry devmem) == ResourceTableStatus.EntryTruncated) ReportTruncated(entry,
                    DevmemEntry.SizeBytes);
                else CheckDevmem(devmem, payload, where);
                payloadBytes = DevmemEntry.SizeBytes;
                break;
            case ResourceType.Trace:
                if (table.TryReadTrace(entry, out TraceEntry trace) == ResourceTableStatus.EntryTruncated) ReportTruncated(entry,
                    TraceEntry.SizeBytes);
                else CheckTrace(trace, payload, where);
                payloadBytes = TraceEntry.SizeBytes;
                break;
            case ResourceType.Vdev:
                _ = table.TryReadVdev(entry, out VdevEntry vdev); // judged field by field below
                payloadBytes = Math.Max(VdevEntry.FixedBytes, vdev.PayloadBytes);
                if (payloadBytes > (ulong)entry.AvailableBytes) ReportTruncated(entry, payloadBytes);
                if (entry.AvailableBytes >= VdevEntry.FixedBytes) CheckVdev(table, entry, vdev, where);
                break;
            default:
                CheckRule rule = entry.Type.IsVendor() ? CheckRules.VendorType : CheckRules.UnknownType;
                findings.Add(rule, At(entry.Offset), $"{where} type", (uint)entry.Type);
                break;
        }

        _entries.Add(new Range((ulong)entry.Offset, (ulong)ResourceTableHeader.EntryHeaderBytes + payloadBytes,
            At(ResourceTableHeader.EntryOffsetOffset(entry.Index)), $"offset[{entry.Index}]"));
    }

    private void CheckCarveout(in CarveoutEntry carveout, int payload, string where)
    {
        CheckReserved(carveout.Reserved, payload + CarveoutEntry.ReservedOffset, where);
        if (carveout.LengthBytes == 0) findings.Add(CheckRules.CarveoutEmpty, At(payload + CarveoutEntry.LengthOffset), $"{where} len", 0,
            $"carveout {carveout.Name}");
        CheckRange(carveout.Da, carveout.LengthBytes, payload, $"{where} da");
        CheckName(ResourceType.Carveout, carveout.Name, payload + CarveoutEntry.NameOffset, $"{where} name");
        ResourceName name = carveout.Name;
        if (((ReadOnlySpan<byte>)name)[..name.LengthBytes].Contains((byte)'%'))
        {
            findings.Add(CheckRules.NameIsFormat, At(payload + CarveoutEntry.NameOffset), $"{where} name", name[0], $"the name is {name}");
        }

        if (carveout.Da != uint.MaxValue) _carveouts.Add(new Range(carveout.Da, carveout.LengthBytes, At(payload), $"{where} da"));
    }

    private void CheckDevmem(in DevmemEntry devmem, int payload, string where)
    {
        findings.Add(CheckRules.DevmemNeedsIommu, At(payload - ResourceTableHeader.EntryHeaderBytes), $"{where} type",
            (uint)ResourceType.Devmem);
        CheckReserved(devmem.Reserved, payload + DevmemEntry.ReservedOffset, where);
        CheckRange(devmem.Da, devmem.LengthBytes, payload, $"{where} da");
        CheckName(ResourceType.Devmem, devmem.Name, payload + DevmemEntry.NameOffset, $"{where} name");
    }

    private void CheckTrace(in TraceEntry trace, int payload, string where)
    {
        CheckReserved(trace.Reserved, payload + TraceEntry.ReservedOffset, where);
        CheckRange(trace.Da, trace.LengthBytes, payload, $"{where} da");
        CheckName(ResourceType.Trace, trace.Name, payload + TraceEntry.NameOffset, $"{where} name");
    }

    private void CheckVdev(ResourceTableReader table, in ResourceEntry entry, in VdevEntry vdev, string where)
    {
        int payload = entry.PayloadOffset;
        ulong reserved = vdev.Reserved0 | ((ulong)vdev.Reserved1 << 8);
        if (reserved != 0) Report(ResourceTableStatus.EntryReservedNotZero, At(payload + VdevEntry.ReservedOffset), $"{where} reserved",
            reserved);
        ulong countAt = At(payload + VdevEntry.VringCountOffset);
        if (vdev.VringCount > VdevEntry.MaxVrings) Report(ResourceTableStatus.TooManyVrings, countAt, $"{where} num_of_vrings",
            vdev.VringCount);
        if (vdev.VringCount < VdevEntry.MaxVrings) findings.Add(CheckRules.TooFewVrings, countAt, $"{where} num_of_vrings",
            vdev.VringCount);

        ulong featuresAt = At(payload + VdevEntry.DeviceFeaturesOffset);
        if (vdev.Id == VirtioIdNet && (vdev.DeviceFeatures & NetFeaturesOfThirdQueue) != 0)
        {
            findings.Add(CheckRules.NetNeedsThirdQueue, featuresAt, $"{where} dfeatures", vdev.DeviceFeatures);
        }

        if (vdev.Id == VirtioIdRpmsg && (vdev.DeviceFeatures & 1) == 0)
        {
            findings.Add(CheckRules.RpmsgWithoutNameService, featuresAt, $"{where} dfeatures", vdev.DeviceFeatures);
        }

        if (vdev.GuestFeatures != 0) findings.Add(CheckRules.HostFieldPreset, At(payload + VdevEntry.GuestFeaturesOffset),
            $"{where} gfeatures", vdev.GuestFeatures);
        if (vdev.Status != 0) findings.Add(CheckRules.HostFieldPreset, At(payload + VdevEntry.StatusOffset), $"{where} status",
            vdev.Status);

        for (int i = 0; i < Math.Min(vdev.VringCount, (byte)MaxVrings) && !findings.IsFull; i++)
        {
            ResourceTableStatus status = table.TryReadVring(entry, vdev, i, out VdevVring vring);
            if (status == ResourceTableStatus.EntryTruncated) break; // reported with the vdev
            CheckVring(vring, payload + VdevEntry.VringOffset(i), $"{where} vring[{i}]");
        }
    }

    private void CheckVring(in VdevVring vring, int offset, string where)
    {
        ulong numAt = At(offset + VdevVring.NumOffset);
        ulong alignAt = At(offset + VdevVring.AlignOffset);
        if (vring.Num == 0) Report(ResourceTableStatus.VringNumZero, numAt, $"{where}.num", 0);
        else if (!BitOperations.IsPow2(vring.Num)) findings.Add(CheckRules.VringNumNotPowerOfTwo, numAt, $"{where}.num", vring.Num);
        if (vring.Num > SplitRingMax) findings.Add(CheckRules.VringNumTooLarge, numAt, $"{where}.num", vring.Num);
        if (vring.AlignBytes == 0) Report(ResourceTableStatus.VringAlignZero, alignAt, $"{where}.align", 0);
        else if (!BitOperations.IsPow2(vring.AlignBytes)) findings.Add(CheckRules.VringAlignNotPowerOfTwo, alignAt, $"{where}.align",
            vring.AlignBytes);
        else if (vring.AlignBytes < 4) findings.Add(CheckRules.VringAlignTooSmall, alignAt, $"{where}.align", vring.AlignBytes);
        if (vring.Pa != 0) findings.Add(CheckRules.VringPaNotZero, At(offset + VdevVring.PaOffset), $"{where}.pa", vring.Pa);

        _notifyIds.Add((vring.NotifyId, At(offset + VdevVring.NotifyIdOffset), $"{where}.notifyid"));
        if (vring.Da == 0) findings.Add(CheckRules.VringDaZero, At(offset + VdevVring.DaOffset), $"{where}.da", 0);
        else if (vring.Da != uint.MaxValue && vring.Num != 0 && vring.AlignBytes != 0)
        {
            _vrings.Add(new Range(vring.Da, VringSize.ReservedBytes(vring.Num, vring.AlignBytes), At(offset + VdevVring.DaOffset),
                $"{where}.da"));
        }
    }

    private void CheckReserved(uint reserved, int offset, string where)
    {
        if (reserved != 0) Report(ResourceTableStatus.EntryReservedNotZero, At(offset), $"{where} reserved", reserved);
    }

    private void CheckRange(uint da, uint length, int offset, string field)
    {
        if (da != uint.MaxValue && (ulong)da + length > 1ul << 32) findings.Add(CheckRules.RangeWraps, At(offset), field, da,
            $"len is 0x{length:x}");
    }

    private void CheckName(ResourceType type, in ResourceName name, int offset, string field)
    {
        if (!name.IsTerminated) findings.Add(CheckRules.NameNotTerminated, At(offset), field, name[0], $"the name is {name}");
        ResourceName wanted = name;
        int first = _names.FindIndex(earlier => earlier.Type == type && earlier.Name.SameForKernel(wanted));
        if (first >= 0)
        {
            CheckRule rule = type == ResourceType.Carveout ? CheckRules.DuplicateCarveoutName : CheckRules.DuplicateName;
            findings.Add(rule, At(offset), field, name[0], $"{name}, as {_names[first].Field}");
        }

        _names.Add(new Named(type, name, field));
    }

    private void CheckNotifyIds()
    {
        for (int i = 1; i < _notifyIds.Count && !findings.IsFull; i++)
        {
            (uint id, ulong fileOffset, string field) = _notifyIds[i];
            int first = _notifyIds.FindIndex(0, i, earlier => earlier.Id == id && id != uint.MaxValue);
            if (first >= 0) findings.Add(CheckRules.DuplicateNotifyId, fileOffset, field, id, $"as {_notifyIds[first].Field}");
        }
    }

    private void CheckOverlaps(List<Range> ranges, CheckRule rule)
    {
        for (int i = 1; i < ranges.Count && !findings.IsFull; i++)
        {
            Range later = ranges[i];
            int first = ranges.FindIndex(0, i, earlier => earlier.Overlaps(later));
            if (first < 0) continue;
            Range other = ranges[first];
            findings.Add(rule, later.FileOffset, later.Field, later.Start,
                $"0x{later.SizeBytes:x} bytes; {other.Field} is 0x{other.Start:x} with 0x{other.SizeBytes:x} bytes");
        }
    }

    private void CheckAgainstSegments()
    {
        if (segments is null) return;
        bool covered = false;
        Range table = new(section.Address.Value, (ulong)section.SizeBytes, 0, "");
        foreach (LoadSegment segment in segments)
        {
            Range loaded = new(segment.Address.Value, segment.MemorySizeBytes, 0, "");
            covered |= loaded.Contains(table);
            foreach (Range carveout in _carveouts)
            {
                if (!carveout.Overlaps(loaded) || carveout.Contains(loaded)) continue;
                string other = $"program header {segment.ProgramHeaderIndex} is 0x{loaded.Start:x} with 0x{loaded.SizeBytes:x} bytes";
                findings.Add(CheckRules.SegmentPartlyInCarveout, carveout.FileOffset, carveout.Field, carveout.Start,
                    $"0x{carveout.SizeBytes:x} bytes; {other}");
            }
        }

        if (!covered) findings.Add(CheckRules.TableNotLoaded, section.FileOffset, ".resource_table sh_addr", section.Address.Value);
    }

    private void ReportTruncated(in ResourceEntry entry, ulong wantedBytes) =>
        Report(ResourceTableStatus.EntryTruncated, At(entry.Offset), $"entry {entry.Index} type", (uint)entry.Type,
            $"its payload has {wantedBytes} bytes, the table ends after {entry.AvailableBytes}");

    private void Report(ResourceTableStatus status, ulong fileOffset, string field, ulong value, string detail = "") =>
        findings.Add(CheckRules.Of(status), fileOffset, field, value, detail);

    private ulong At(int tableOffset) => section.FileOffset + (ulong)tableOffset;

    private readonly record struct Named(ResourceType Type, ResourceName Name, string Field);

    private readonly record struct Range(ulong Start, ulong SizeBytes, ulong FileOffset, string Field)
    {
        // Written with differences: a segment's end may lie past 64 bits.
        internal bool Overlaps(Range other) => Start <= other.Start ? other.Start - Start < SizeBytes && other.SizeBytes != 0
            : Start - other.Start < other.SizeBytes && SizeBytes != 0;

        internal bool Contains(Range other) =>
            other.Start >= Start && other.Start - Start <= SizeBytes && other.SizeBytes <= SizeBytes - (other.Start - Start);
    }
}
