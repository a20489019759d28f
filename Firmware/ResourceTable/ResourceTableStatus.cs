namespace RemoteprocEmu.Firmware.ResourceTable;

/// <summary>What reading a resource table found: one value a cause, in the order in which the causes are looked for.</summary>
/// <remarks>
/// The number is the rule's number: value 4 is rule RSC-004. Source: drivers/remoteproc/remoteproc_elf_loader.c, find_table;
/// remoteproc_core.c, rsc_table_for_each_entry, rproc_handle_carveout, _devmem, _trace, _vdev, rproc_parse_vring (v6.12).
/// </remarks>
public enum ResourceTableStatus : byte
{
    /// <summary>Nothing is wrong.</summary>
    Ok = 0,
    /// <summary>The image has no section named <c>.resource_table</c>.</summary>
    NoSection = 1,
    /// <summary>The section ends past the end of the file.</summary>
    SectionPastEnd = 2,
    /// <summary>The section is smaller than a table header, 16 bytes.</summary>
    ShorterThanHeader = 3,
    /// <summary>ver is not 1.</summary>
    UnsupportedVersion = 4,
    /// <summary>reserved[0] or reserved[1] is not 0.</summary>
    ReservedNotZero = 5,
    /// <summary>The section is too small for its num offsets.</summary>
    OffsetsTruncated = 6,
    /// <summary>An entry's offset points into the table header. Checked since v6.12 or so; before, the header was read as an
    /// entry.</summary>
    OffsetInHeader = 7,
    /// <summary>An entry's offset leaves fewer than 4 bytes for its type, or none.</summary>
    OffsetPastEnd = 8,
    /// <summary>An entry's payload is cut short by the end of the table.</summary>
    EntryTruncated = 9,
    /// <summary>An entry's reserved field is not 0.</summary>
    EntryReservedNotZero = 10,
    /// <summary>A vdev has more than two rings.</summary>
    TooManyVrings = 11,
    /// <summary>A ring has no descriptors: num is 0.</summary>
    VringNumZero = 12,
    /// <summary>A ring has alignment 0.</summary>
    VringAlignZero = 13,
    /// <summary>The bytes asked for lie outside the vdev's config space. Not a fault of the table: the reader or writer is
    /// refused.</summary>
    ConfigOutOfRange = 14,
}
