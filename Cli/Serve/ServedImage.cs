using System.Collections.Generic;
using RemoteprocEmu.Cli.Output;
using RemoteprocEmu.Firmware.Elf;
using RemoteprocEmu.Firmware.ResourceTable;

namespace RemoteprocEmu.Cli.Serve;

/// <summary>What of a firmware image matters to a server: the features of its rpmsg vdevs.</summary>
internal static class ServedImage
{
    private const uint RpmsgId = 7; // VIRTIO_ID_RPMSG

    /// <summary>Reads them from its resource table.</summary>
    /// <param name="name">A file, or a sample's name.</param>
    /// <param name="terminal">Where to complain.</param>
    /// <param name="features">dfeatures of each rpmsg vdev, in order.</param>
    /// <returns>Ok, Usage or BadInput.</returns>
    public static int TryReadFeatures(string name, Terminal terminal, out ulong[] features)
    {
        features = [];
        int exitCode = ImageFile.TryRead(name, out ImageFile? file, out string complaint);
        if (file is null)
        {
            terminal.Complain(complaint);
            return exitCode;
        }

        ElfStatus status = ElfImage.TryOpen(file.Bytes, out ElfImage image, out _);
        if (status != ElfStatus.Ok)
        {
            terminal.Complain($"{file.Name}: no firmware image: {status}");
            return ExitCode.BadInput;
        }

        ResourceTableReader reader = default;
        ResourceTableStatus table = ResourceTableSection.TryFind(image, out ResourceTableSection section);
        if (table == ResourceTableStatus.Ok) table = ResourceTableReader.TryOpen(section.Bytes.Span, section.ByteOrder, out reader);
        List<ulong> found = [];
        for (int i = 0; table == ResourceTableStatus.Ok && i < reader.EntryCount; i++)
        {
            if (reader.TryGetEntry(i, out ResourceEntry entry) != ResourceTableStatus.Ok || entry.Type != ResourceType.Vdev) continue;
            if (reader.TryReadVdev(entry, out VdevEntry vdev) != ResourceTableStatus.Ok || vdev.Id != RpmsgId) continue;
            found.Add(vdev.DeviceFeatures);
        }

        features = [.. found];
        if (features.Length > 0) return ExitCode.Ok;
        terminal.Complain($"{file.Name}: its resource table has no rpmsg vdev");
        return ExitCode.BadInput;
    }
}
