using System;
using System.Collections.Generic;
using System.Linq;
using RemoteprocEmu.Firmware.Elf;
using RemoteprocEmu.Firmware.Loading;
using RemoteprocEmu.Firmware.ResourceTable;
using RemoteprocEmu.Platform;

namespace RemoteprocEmu.Firmware.Check;

/// <summary>The catalogue of rules.</summary>
/// <remarks>The first three families are the readers' own statuses; the rest is known to the checker alone.</remarks>
public static class CheckRules
{
    private const string Boots = "boots";

    private static readonly CheckRule[] s_elf = [.. Enum.GetValues<ElfStatus>().Select(MakeRule)];
    private static readonly CheckRule[] s_load = [.. Enum.GetValues<LoadStatus>().Select(MakeRule)];
    private static readonly CheckRule[] s_table = [.. Enum.GetValues<ResourceTableStatus>().Select(MakeRule)];

    /// <summary>A ring's num is no power of two.</summary>
    public static readonly CheckRule VringNumNotPowerOfTwo = Warning("RSC-101", "vring num is not a power of two",
        "round num up to a power of two", "boots; the ring's index is masked with num - 1 and misses slots");

    /// <summary>A ring is larger than virtio allows.</summary>
    public static readonly CheckRule VringNumTooLarge = Warning("RSC-102", "vring num is larger than a split ring may be",
        "use at most 32768 descriptors", "boots if it finds the memory; the ring's 16-bit index cannot count that far");

    /// <summary>A ring's align is no power of two.</summary>
    public static readonly CheckRule VringAlignNotPowerOfTwo = Warning("RSC-103", "vring align is not a power of two",
        "use 16, 64 or 4096", "boots; the used ring's place is masked with align - 1 and both sides must agree on the nonsense");

    /// <summary>A ring's align is too small for the used ring.</summary>
    public static readonly CheckRule VringAlignTooSmall = Warning("RSC-104", "vring align is less than the used ring's 4 bytes",
        "use 16, 64 or 4096", "boots; the used ring may start misaligned");

    /// <summary>Two carveouts of one name.</summary>
    public static readonly CheckRule DuplicateCarveoutName = new("RSC-105", CheckSeverity.Error,
        "carveout has the name of an earlier one", "give each carveout a name of its own in its first 31 bytes",
        "refused: the name is taken by an entry of the table", Errno.ENOMEM);

    /// <summary>A name without NUL.</summary>
    public static readonly CheckRule NameNotTerminated = Warning("RSC-106", "name has no NUL in its 32 bytes",
        "use at most 31 bytes", "boots; keeps the first 31 bytes, or reads on into the next entry");

    /// <summary>A carveout's name with a percent sign.</summary>
    public static readonly CheckRule NameIsFormat = Warning("RSC-107", "carveout name contains '%'",
        "leave '%' out", "boots; the name is used as a format string and comes out garbled, or reads the stack");

    /// <summary>Two carveouts share memory.</summary>
    public static readonly CheckRule CarveoutsOverlap = Warning("RSC-108", "carveout overlaps another one",
        "give each carveout memory of its own", "boots; the first in the table wins each address both have");

    /// <summary>A segment is partly in a carveout.</summary>
    public static readonly CheckRule SegmentPartlyInCarveout = Warning("RSC-109",
        "carveout holds a part of a PT_LOAD segment, not all of it",
        "make the carveout cover the segment", "boot fails with -EINVAL unless the platform knows the segment's address by itself");

    /// <summary>A carveout of no bytes.</summary>
    public static readonly CheckRule CarveoutEmpty = Warning("RSC-110", "carveout asks for 0 bytes",
        "ask for what is used, or drop the entry", "may refuse with -ENOMEM: there is no memory of 0 bytes");

    /// <summary>A range runs past 32 bits.</summary>
    public static readonly CheckRule RangeWraps = Warning("RSC-111", "da + len runs past 32 bits",
        "check da and len", "boots; no address past 0xffffffff can be looked up");

    /// <summary>Two rings share memory.</summary>
    public static readonly CheckRule VringsTooClose = Warning("RSC-112", "vring's fixed da is too close to another vring for its size",
        "space the rings by their size rounded up to 4096, or use 0xffffffff",
            "boots; warns if it cannot give that address, or the rings overwrite each other");

    /// <summary>A ring at address 0.</summary>
    public static readonly CheckRule VringDaZero = Warning("RSC-113", "vring da is 0, a request for address 0",
        "use 0xffffffff for: the host may choose", "since the carveout rework 0 is what it publishes; before v4.20 any value was replaced");

    /// <summary>A net device with features that need a third queue.</summary>
    public static readonly CheckRule NetNeedsThirdQueue = Warning("RSC-114",
        "net vdev offers CTRL_VQ (bit 17) or MQ (bit 22), which need a third queue",
        "clear bits 17 and 22 of dfeatures", "boots; the driver's probe fails with -EINVAL, for a vdev has two queues");

    /// <summary>A vdev with no ring or one.</summary>
    public static readonly CheckRule TooFewVrings = Warning("RSC-115", "vdev has fewer than two vrings",
        "describe two vrings", "boots; when the vdev is removed both slots are freed, and the missing one is a NULL pointer");

    /// <summary>A rpmsg device without name service.</summary>
    public static readonly CheckRule RpmsgWithoutNameService = Warning("RSC-116", "rpmsg vdev does not offer the name service (bit 0)",
        "set bit 0 of dfeatures", "boots; no channel is ever announced");

    /// <summary>Two entries share bytes of the table.</summary>
    public static readonly CheckRule EntriesOverlap = Warning("RSC-117", "entry shares bytes of the table with another one",
        "lay the entries out one after the other", "boots; what it writes back for one entry changes the other");

    /// <summary>The loaded table is outside every segment.</summary>
    public static readonly CheckRule TableNotLoaded = Note("RSC-201", "table's run address is not covered by a loaded segment",
        "none, if the start-up code leaves the table's run address alone",
            "copies its table there, if a carveout or the platform knows the address");

    /// <summary>A type that the core does not know.</summary>
    public static readonly CheckRule UnknownType = Note("RSC-202", "entry type is unknown",
        "none, if another host reads it", "warns and goes on");

    /// <summary>A vendor's type.</summary>
    public static readonly CheckRule VendorType = Note("RSC-203", "entry type belongs to the platform driver",
        "none", "asks the platform driver; without its handle_rsc, warns and goes on");

    /// <summary>Two rings with one notifyid.</summary>
    public static readonly CheckRule DuplicateNotifyId = Note("RSC-204", "vring notifyid is taken by an earlier vring",
        "number the vrings, for hosts that keep the image's ids", "numbers all vrings anew");

    /// <summary>Two trace or devmem entries of one name.</summary>
    public static readonly CheckRule DuplicateName = Note("RSC-205", "name is taken by an earlier entry of the type",
        "give each entry a name of its own", Boots + "; names of trace and devmem entries are for people");

    /// <summary>A ring's pa in the image.</summary>
    public static readonly CheckRule VringPaNotZero = Note("RSC-206", "vring pa is not 0",
        "use 0, for old kernels", "boots; up to v4.8 or so the field was reserved and the boot refused with -EINVAL");

    /// <summary>A devmem entry.</summary>
    public static readonly CheckRule DevmemNeedsIommu = Note("RSC-207", "devmem entry needs an IOMMU",
        "drop it for processors without one", "refuses with -EINVAL when the processor has no IOMMU domain");

    /// <summary>A status or gfeatures in the image.</summary>
    public static readonly CheckRule HostFieldPreset = Note("RSC-208", "field of the host is not 0 in the image",
        "use 0", "boots; writes it when a driver binds, so until then the firmware reads its own value");

    /// <summary>More entries than the checker compares.</summary>
    public static readonly CheckRule TooManyEntries = Note("RSC-209", "table has more entries than are checked here",
        "none", Boots + " if each of them is sound");

    /// <summary>A table without entries.</summary>
    public static readonly CheckRule EmptyTable = Note("RSC-210", "table has no entries",
        "none", "boots; there is nothing to set up");

    /// <summary>All rules, in the order of their ids.</summary>
    public static IReadOnlyList<CheckRule> All { get; } =
    [
        .. s_elf[1..], .. s_load[1..], .. s_table[1..(int)ResourceTableStatus.ConfigOutOfRange],
        VringNumNotPowerOfTwo, VringNumTooLarge, VringAlignNotPowerOfTwo, VringAlignTooSmall, DuplicateCarveoutName, NameNotTerminated,
        NameIsFormat, CarveoutsOverlap, SegmentPartlyInCarveout, CarveoutEmpty, RangeWraps, VringsTooClose, VringDaZero, NetNeedsThirdQueue,
        TooFewVrings, RpmsgWithoutNameService, EntriesOverlap,
        TableNotLoaded, UnknownType, VendorType, DuplicateNotifyId, DuplicateName, VringPaNotZero, DevmemNeedsIommu, HostFieldPreset,
        TooManyEntries, EmptyTable,
    ];

    /// <summary>The rule behind a fault of the image; not Ok.</summary>
    public static CheckRule Of(ElfStatus status) => s_elf[(int)status];

    /// <summary>The rule behind a fault of a segment; not Ok.</summary>
    public static CheckRule Of(LoadStatus status) => s_load[(int)status];

    /// <summary>The rule behind a fault of the table; not Ok.</summary>
    public static CheckRule Of(ResourceTableStatus status) => s_table[(int)status];

    private static CheckRule Warning(string id, string explanation, string remedy, string verdict) =>
        new(id, CheckSeverity.Warning, explanation, remedy, verdict, Errno.Ok);

    private static CheckRule Note(string id, string explanation, string remedy, string verdict) =>
        new(id, CheckSeverity.Note, explanation, remedy, verdict, Errno.Ok);

    private static CheckRule MakeRule(ElfStatus status)
    {
        string verdict = status.IsKernelCheck() ? "refused by the sanity check" : "reads outside the image; this emulator refuses";
        return new CheckRule(status.RuleId(), CheckSeverity.Error, status.Explanation(), RemedyOf(status), verdict, status.ToErrno());
    }

    private static CheckRule MakeRule(LoadStatus status) => new(status.RuleId(), CheckSeverity.Error, status.Explanation(),
        RemedyOf(status), "refused while loading; earlier segments stay written", status.ToErrno());

    private static CheckRule MakeRule(ResourceTableStatus status) => new(status.RuleId(), CheckSeverity.Error, status.Explanation(),
        RemedyOf(status), VerdictOn(status), status.ToErrno());

    private static string RemedyOf(ElfStatus status) => status switch
    {
        ElfStatus.NotHostByteOrder => "link for the host's byte order",
        ElfStatus.NoProgramHeaders => "link the image; an object file cannot be loaded",
        ElfStatus.NotElf or ElfStatus.UnknownClass => "give an ELF32 or ELF64 file, not a raw binary",
        ElfStatus.SectionNamesTruncated or ElfStatus.SectionNameOutOfRange => "build the image again; its section headers are damaged",
        _ => "build or copy the image again; it is cut short or damaged",
    };

    private static string RemedyOf(LoadStatus status) => status switch
    {
        LoadStatus.PastEndOfFile => "copy the image again; it is cut short",
        LoadStatus.TooLargeForHost => "boot it from a 64-bit host",
        _ => "check the linker script",
    };

    private static string RemedyOf(ResourceTableStatus status) => status switch
    {
        ResourceTableStatus.NoSection => "put the table in a section named .resource_table and have the linker keep it",
        ResourceTableStatus.SectionPastEnd => "copy the image again; it is cut short",
        ResourceTableStatus.ShorterThanHeader => "have the linker keep the table, or drop the empty section",
        ResourceTableStatus.UnsupportedVersion => "set ver to 1",
        ResourceTableStatus.ReservedNotZero or ResourceTableStatus.EntryReservedNotZero => "set the field to 0",
        ResourceTableStatus.OffsetsTruncated => "set num to the number of entries",
        ResourceTableStatus.OffsetInHeader or ResourceTableStatus.OffsetPastEnd => "set the offset with offsetof() from the table's start",
        ResourceTableStatus.EntryTruncated => "keep the whole entry, rings and config space included, within the section",
        ResourceTableStatus.TooManyVrings => "describe two vrings; a third cannot be used",
        _ => "set num and align of each vring",
    };

    private static string VerdictOn(ResourceTableStatus status) => status switch
    {
        ResourceTableStatus.NoSection or ResourceTableStatus.ShorterThanHeader =>
            "refused by the default ELF operations; a platform driver may do without a table",
        ResourceTableStatus.OffsetInHeader => "refused; older kernels read the header as an entry",
        ResourceTableStatus.VringNumZero or ResourceTableStatus.VringAlignZero =>
            "refused up to v6.0; since v6.1 boots without this vdev",
        _ => "refused",
    };
}
