using RemoteprocEmu.Firmware.Elf;
using RemoteprocEmu.Firmware.ResourceTable;
using RemoteprocEmu.Virtio.Device;

namespace RemoteprocEmu.Cli.Run;

/// <summary>What an image's table asks for, as far as it decides how the image is run.</summary>
/// <param name="VdevCount">Vdevs of any kind.</param>
/// <param name="RpmsgVdevCount">Vdevs with device id 7.</param>
/// <param name="NetVdevCount">Vdevs with device id 1 and two rings.</param>
/// <param name="ByteVdevCount">Vdevs with device id 3 or 11 and two rings: consoles and rproc-serial ports.</param>
/// <param name="IsTraceOnly">Whether it has trace buffers and nothing else: power management, booted by its consumer.</param>
internal sealed record ImageTraits(int VdevCount, int RpmsgVdevCount, int NetVdevCount, int ByteVdevCount, bool IsTraceOnly)
{
    /// <summary>Reads them. A table that cannot be read asks for nothing.</summary>
    public static ImageTraits Of(in ElfImage image)
    {
        ResourceTableStatus status = ResourceTableSection.TryFind(image, out ResourceTableSection section);
        if (status != ResourceTableStatus.Ok) return new ImageTraits(0, 0, 0, 0, IsTraceOnly: false);
        _ = ResourceTableReader.TryOpen(section.Bytes.Span, section.ByteOrder, out ResourceTableReader table); // TryFind has
        int vdevs = 0, rpmsgVdevs = 0, netVdevs = 0, byteVdevs = 0, traces = 0;
        for (int i = 0; i < table.EntryCount; i++)
        {
            if (table.TryGetEntry(i, out ResourceEntry entry) != ResourceTableStatus.Ok) continue;
            if (entry.Type == ResourceType.Trace) traces++;
            if (entry.Type != ResourceType.Vdev || table.TryReadVdev(entry, out VdevEntry vdev) != ResourceTableStatus.Ok) continue;
            vdevs++;
            if (vdev.Id == VirtioDeviceId.Rpmsg) rpmsgVdevs++;
            else if (vdev.VringCount != VdevEntry.MaxVrings) continue; // nothing can pass there
            else if (vdev.Id == VirtioDeviceId.Net) netVdevs++;
            else if (vdev.Id is VirtioDeviceId.Console or VirtioDeviceId.RprocSerial) byteVdevs++;
        }

        return new ImageTraits(vdevs, rpmsgVdevs, netVdevs, byteVdevs, traces > 0 && traces == table.EntryCount);
    }
}
