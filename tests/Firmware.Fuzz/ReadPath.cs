using System;
using RemoteprocEmu.Firmware.Elf;
using RemoteprocEmu.Firmware.Loading;
using RemoteprocEmu.Firmware.ResourceTable;

namespace RemoteprocEmu.Firmware.Fuzz;

/// <summary>Reads an input whole, the way a boot does, and counts what came out. Allocates nothing.</summary>
public sealed class ReadPath
{
    private readonly long[] _elf = new long[Enum.GetValues<ElfStatus>().Length];
    private readonly long[] _load = new long[Enum.GetValues<LoadStatus>().Length];
    private readonly long[] _table = new long[Enum.GetValues<ResourceTableStatus>().Length];

    /// <summary>How often each status came out, by its number.</summary>
    public ReadOnlySpan<long> ElfCounts => _elf;

    /// <summary>How often each status came out, by its number.</summary>
    public ReadOnlySpan<long> LoadCounts => _load;

    /// <summary>How often each status came out, by its number.</summary>
    public ReadOnlySpan<long> TableCounts => _table;

    /// <summary>Depends on every byte and number that was read, so that no read is optimised away.</summary>
    public ulong Checksum { get; private set; }

    /// <summary>The rule of the input's first fault in the kernel's order, parsing only; empty when it parses.</summary>
    public string FirstFault { get; private set; } = "";

    /// <summary>Reads an image.</summary>
    public void ReadImage(ReadOnlyMemory<byte> file)
    {
        ElfStatus status = ElfImage.TryOpen(file, out ElfImage image, out ElfFault fault);
        Checksum += fault.FileOffset + fault.Value;
        _elf[(int)status]++;
        FirstFault = status.RuleId();
        bool bootable = status == ElfStatus.Ok;
        if (status == ElfStatus.NotHostByteOrder && ElfImage.TryOpenForReading(file, out image, out _) != ElfStatus.Ok) return;
        if (status is not (ElfStatus.Ok or ElfStatus.NotHostByteOrder)) return;

        for (int i = 0; i < Math.Min(image.SectionHeaderCount, 64); i++) Checksum += (ulong)image.SectionName(i).Length;
        ResourceTableStatus found = ResourceTableSection.TryFind(image, out ResourceTableSection section);
        if (found == ResourceTableStatus.Ok) found = ReadTable(section.Bytes.Span, section.ByteOrder);
        else _table[(int)found]++;
        FirstFault = bootable ? found.RuleId() : status.RuleId();

        foreach (LoadSegment segment in LoadPlan.Of(image, uint.MaxValue))
        {
            _load[(int)segment.Status]++;
            if (segment.Status != LoadStatus.Ok) break;
            Checksum += segment.ZeroBytes + segment.Address.Value;
            if (!segment.Data.IsEmpty) Checksum += segment.Data.Span[^1];
        }
    }

    /// <summary>Reads a bare table.</summary>
    /// <returns>Its first fault in the kernel's order.</returns>
    public ResourceTableStatus ReadTable(ReadOnlySpan<byte> bytes, ElfByteOrder order)
    {
        ResourceTableStatus status = ResourceTableReader.TryOpen(bytes, order, out ResourceTableReader table);
        for (int i = 0; status == ResourceTableStatus.Ok && i < table.EntryCount; i++)
        {
            status = table.TryGetEntry(i, out ResourceEntry entry);
            if (status == ResourceTableStatus.Ok) status = ReadEntry(table, entry);
        }

        _table[(int)status]++;
        FirstFault = status.RuleId();
        return status;
    }

    private ResourceTableStatus ReadEntry(ResourceTableReader table, in ResourceEntry entry)
    {
        ResourceTableStatus status;
        switch (entry.Type)
        {
            case ResourceType.Carveout:
                status = table.TryReadCarveout(entry, out CarveoutEntry carveout);
                Checksum += carveout.Da + (ulong)carveout.Name.LengthBytes;
                return status;
            case ResourceType.Devmem:
                status = table.TryReadDevmem(entry, out DevmemEntry devmem);
                Checksum += devmem.Da + (ulong)devmem.Name.LengthBytes;
                return status;
            case ResourceType.Trace:
                status = table.TryReadTrace(entry, out TraceEntry trace);
                Checksum += trace.Da + (ulong)trace.Name.LengthBytes;
                return status;
            case ResourceType.Vdev:
                status = table.TryReadVdev(entry, out VdevEntry vdev);
                for (int i = 0; i < vdev.VringCount && status == ResourceTableStatus.Ok; i++)
                {
                    status = table.TryReadVring(entry, vdev, i, out VdevVring vring);
                    Checksum += vring.Da;
                }

                ReadOnlySpan<byte> config = table.ConfigSpace(entry, vdev);
                if (!config.IsEmpty) Checksum += config[^1];
                return status;
            default:
                ReadOnlySpan<byte> payload = table.Payload(entry);
                if (!payload.IsEmpty) Checksum += payload[^1];
                return ResourceTableStatus.Ok;
        }
    }
}
