using System;
using System.Collections.Generic;
using RemoteprocEmu.Firmware.Elf;
using RemoteprocEmu.Firmware.ResourceTable;
using RemoteprocEmu.Platform.Memory;
using RemoteprocEmu.Virtio.Device;
using RemoteprocEmu.Virtio.Ring;

namespace RemoteprocEmu.Interop.OpenAmp;

/// <summary>Judges the table that a server has written, before anything of it is used: the server is another process.</summary>
public static class OpenAmpTableCheck
{
    private const int LineCountMax = 1024; // of our doorbells

    /// <summary>Finds the first thing that is wrong.</summary>
    /// <param name="memory">The shared memory: <see cref="OpenAmpLayout.MemoryBytes"/>.</param>
    /// <returns>What, with its offset in the file, its value and what would be right; null for a table that can be used.</returns>
    public static string? FindFault(ReadOnlySpan<byte> memory)
    {
        byte[] table = memory[..OpenAmpLayout.TableBytesMax].ToArray(); // one copy: the peer may write meanwhile
        if (table.AsSpan(0, OpenAmpLayout.TableBytes).IndexOfAnyExcept((byte)0) < 0)
            return "offset 0x0: no resource table, all bytes are 0; the server writes it before it listens";
        ResourceTableStatus status = ResourceTableReader.TryOpen(table, out ResourceTableReader reader);
        if (status != ResourceTableStatus.Ok)
        {
            ResourceTableHeader header = ResourceTableHeader.Read(table, ElfByteOrder.Little);
            return $"offset 0x0: ver {header.Version}, num {header.EntryCount}: {status.Explanation()} (rule {status.RuleId()})";
        }

        List<(ResourceEntry Entry, VdevEntry Vdev)> vdevs = [];
        for (int i = 0; i < reader.EntryCount; i++)
        {
            status = reader.TryGetEntry(i, out ResourceEntry entry);
            VdevEntry vdev = default;
            if (status == ResourceTableStatus.Ok && entry.Type == ResourceType.Vdev) status = reader.TryReadVdev(entry, out vdev);
            if (status != ResourceTableStatus.Ok)
                return $"offset 0x{reader.OffsetOf(i):x}: entry {i}: {status.Explanation()} (rule {status.RuleId()})";
            if (entry.Type == ResourceType.Vdev) vdevs.Add((entry, vdev));
        }

        if (vdevs.Count != 1) return $"offset 0x4: {vdevs.Count} vdevs among {reader.EntryCount} entries; there must be 1";
        return FindFault(reader, vdevs[0].Entry, vdevs[0].Vdev);
    }

    private static string? FindFault(in ResourceTableReader reader, in ResourceEntry entry, in VdevEntry vdev)
    {
        int at = entry.PayloadOffset;
        if (at != OpenAmpLayout.VdevOffset)
            return $"offset 0x{at - 4:x}: the vdev; firmware of this kind knows it at 0x{OpenAmpLayout.VdevOffset - 4:x}";
        if (vdev.Id != VirtioDeviceId.Rpmsg)
            return $"offset 0x{at + VdevEntry.IdOffset:x}: virtio device id {vdev.Id}; rpmsg is {VirtioDeviceId.Rpmsg}";
        if (vdev.VringCount != VdevEntry.MaxVrings)
            return $"offset 0x{at + VdevEntry.VringCountOffset:x}: num_of_vrings {vdev.VringCount}; rpmsg has {VdevEntry.MaxVrings}";
        List<(string Name, ulong Start, ulong End)> taken =
        [
            ("the table", 0, OpenAmpLayout.TableBytes),
            ("the message buffers", OpenAmpLayout.BuffersOffset, OpenAmpLayout.BuffersOffset + OpenAmpLayout.BuffersBytes),
        ];
        for (int i = 0; i < vdev.VringCount; i++)
        {
            int vringAt = at + VdevEntry.VringOffset(i);
            if (reader.TryReadVring(entry, vdev, i, out VdevVring vring) is not ResourceTableStatus.Ok and ResourceTableStatus status)
                return $"offset 0x{vringAt:x}: vring{i}: {status.Explanation()} (rule {status.RuleId()})";
            if (FindFault(vring, vringAt, i, taken) is { } fault) return fault;
        }

        return null;
    }

    private static string? FindFault(in VdevVring vring, int at, int index, List<(string Name, ulong Start, ulong End)> taken)
    {
        if (SplitQueueLayout.TryCreate(vring.Num, vring.AlignBytes, int.MaxValue, out _) != RingStatus.Ok)
        {
            return $"offset 0x{at + VdevVring.AlignOffset:x}: vring{index}: align 0x{vring.AlignBytes:x}, num {vring.Num}; both are " +
                $"powers of two, num up to {SplitQueueLayout.QueueSizeMax}";
        }

        if (vring.NotifyId >= LineCountMax && vring.NotifyId != uint.MaxValue)
            return $"offset 0x{at + VdevVring.NotifyIdOffset:x}: vring{index}: notifyid {vring.NotifyId}; below {LineCountMax}";
        ulong start = vring.Da, end = start + VringSize.ReservedBytes(vring.Num, vring.AlignBytes);
        string where = $"offset 0x{at + VdevVring.DaOffset:x}: vring{index}: 0x{start:x} to 0x{end - 1:x}";
        if (start % SharedMemory.PageBytes != 0 || end > OpenAmpLayout.MemoryBytes)
            return $"{where}; it begins at a page and ends below 0x{OpenAmpLayout.MemoryBytes:x}";
        foreach ((string name, ulong takenStart, ulong takenEnd) in taken)
        {
            if (start < takenEnd && takenStart < end) return $"{where} overlaps {name}, 0x{takenStart:x} to 0x{takenEnd - 1:x}";
        }

        taken.Add(($"vring{index}", start, end));
        return null;
    }
}
