using RemoteprocEmu.Platform;

namespace RemoteprocEmu.Firmware.ResourceTable;

/// <summary>The rule behind each <see cref="ResourceTableStatus"/>.</summary>
public static class ResourceTableStatusText
{
    /// <summary>What the kernel's call returns: 0, or -EINVAL for every fault of a table's format.</summary>
    public static Errno ToErrno(this ResourceTableStatus status) => status == ResourceTableStatus.Ok ? Errno.Ok : Errno.EINVAL;

    /// <summary>The stable name of the rule, <c>RSC-004</c>.</summary>
    public static string RuleId(this ResourceTableStatus status) => status switch
    {
        ResourceTableStatus.Ok => "",
        ResourceTableStatus.NoSection => "RSC-001",
        ResourceTableStatus.SectionPastEnd => "RSC-002",
        ResourceTableStatus.ShorterThanHeader => "RSC-003",
        ResourceTableStatus.UnsupportedVersion => "RSC-004",
        ResourceTableStatus.ReservedNotZero => "RSC-005",
        ResourceTableStatus.OffsetsTruncated => "RSC-006",
        ResourceTableStatus.OffsetInHeader => "RSC-007",
        ResourceTableStatus.OffsetPastEnd => "RSC-008",
        ResourceTableStatus.EntryTruncated => "RSC-009",
        ResourceTableStatus.EntryReservedNotZero => "RSC-010",
        ResourceTableStatus.TooManyVrings => "RSC-011",
        ResourceTableStatus.VringNumZero => "RSC-012",
        ResourceTableStatus.VringAlignZero => "RSC-013",
        _ => "RSC-014",
    };

    /// <summary>What is wrong, in half a sentence.</summary>
    public static string Explanation(this ResourceTableStatus status) => status switch
    {
        ResourceTableStatus.Ok => "sound",
        ResourceTableStatus.NoSection => "no section is named .resource_table",
        ResourceTableStatus.SectionPastEnd => "resource table ends past the end of the file",
        ResourceTableStatus.ShorterThanHeader => "resource table is smaller than its 16-byte header",
        ResourceTableStatus.UnsupportedVersion => "resource table version is not 1",
        ResourceTableStatus.ReservedNotZero => "reserved word of the table header is not 0",
        ResourceTableStatus.OffsetsTruncated => "resource table is too small for its entry offsets",
        ResourceTableStatus.OffsetInHeader => "entry offset points into the table header",
        ResourceTableStatus.OffsetPastEnd => "entry starts past the end of the table",
        ResourceTableStatus.EntryTruncated => "entry ends past the end of the table",
        ResourceTableStatus.EntryReservedNotZero => "reserved field of the entry is not 0",
        ResourceTableStatus.TooManyVrings => "vdev has more than two vrings",
        ResourceTableStatus.VringNumZero => "vring has no descriptors",
        ResourceTableStatus.VringAlignZero => "vring has alignment 0",
        _ => "outside the vdev's config space",
    };
}
