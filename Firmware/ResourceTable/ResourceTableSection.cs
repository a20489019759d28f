using System;
using RemoteprocEmu.Firmware.Elf;
using RemoteprocEmu.Platform.Memory;

namespace RemoteprocEmu.Firmware.ResourceTable;

/// <summary>The <c>.resource_table</c> section of an image.</summary>
/// <param name="Bytes">The table as it stands in the file.</param>
/// <param name="ByteOrder">Its byte order.</param>
/// <param name="FileOffset">Where it starts in the file, bytes.</param>
/// <param name="Address">sh_addr: where the running firmware has its table. No loaded segment need cover it.</param>
/// <param name="SectionIndex">Its section header.</param>
public readonly record struct ResourceTableSection(
    ReadOnlyMemory<byte> Bytes, ElfByteOrder ByteOrder, ulong FileOffset, DeviceAddress Address, int SectionIndex)
{
    /// <summary>sh_size: bytes of the table, and of the loaded table.</summary>
    public int SizeBytes => Bytes.Length;

    /// <summary>The section's name.</summary>
    public static ReadOnlySpan<byte> SectionName => ".resource_table"u8;

    /// <summary>Finds the table of an image and judges the section and the table's header, in the kernel's order.</summary>
    /// <remarks>
    /// Models find_table of drivers/remoteproc/remoteproc_elf_loader.c; rproc_elf_load_rsc_table turns each of its refusals into -EINVAL.
    /// A platform driver whose parse_fw tolerates an absent table goes on without one.
    /// </remarks>
    /// <param name="image">An opened image.</param>
    /// <param name="section">The section; a default value unless Ok.</param>
    /// <returns>Ok, or the first check that failed: NoSection to OffsetsTruncated.</returns>
    public static ResourceTableStatus TryFind(in ElfImage image, out ResourceTableSection section)
    {
        ResourceTableStatus status = TryLocate(image, out section);
        if (status == ResourceTableStatus.Ok) status = ResourceTableReader.TryOpen(section.Bytes.Span, section.ByteOrder, out _);
        if (status != ResourceTableStatus.Ok) section = default;
        return status;
    }

    /// <summary>Finds the section without judging what is in it, for a report about a table that no kernel takes.</summary>
    /// <param name="image">An opened image.</param>
    /// <param name="section">The section; a default value unless Ok.</param>
    /// <returns>Ok, NoSection or SectionPastEnd.</returns>
    public static ResourceTableStatus TryLocate(in ElfImage image, out ResourceTableSection section)
    {
        section = default;
        if (!image.TryFindSection(SectionName, out int index, out ElfSectionHeader header)) return ResourceTableStatus.NoSection;
        if (ElfSanity.EndsPast((ulong)image.Bytes.Length, header.Offset, header.SizeBytes)) return ResourceTableStatus.SectionPastEnd;

        ReadOnlyMemory<byte> bytes = image.Bytes.Slice((int)header.Offset, (int)header.SizeBytes);
        section = new ResourceTableSection(bytes, image.ByteOrder, header.Offset, header.Address, index);
        return ResourceTableStatus.Ok;
    }
}
