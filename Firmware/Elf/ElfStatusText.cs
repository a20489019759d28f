using RemoteprocEmu.Platform;

namespace RemoteprocEmu.Firmware.Elf;

/// <summary>The rule behind each <see cref="ElfStatus"/>.</summary>
public static class ElfStatusText
{
    /// <summary>The last rule's status.</summary>
    public const ElfStatus Last = ElfStatus.SectionNameOutOfRange;

    /// <summary>What the kernel's call returns: 0, or -EINVAL for every fault of an image.</summary>
    public static Errno ToErrno(this ElfStatus status) => status == ElfStatus.Ok ? Errno.Ok : Errno.EINVAL;

    /// <summary>Whether the kernel itself looks. If not, it boots such an image and reads outside it; this program refuses with
    /// -EINVAL.</summary>
    public static bool IsKernelCheck(this ElfStatus status) => status < ElfStatus.ProgramHeadersTruncated;

    /// <summary>The stable name of the rule, <c>ELF-07</c>.</summary>
    public static string RuleId(this ElfStatus status) => status switch
    {
        ElfStatus.Ok => "",
        ElfStatus.NoImage => "ELF-01",
        ElfStatus.ShorterThanHeader => "ELF-02",
        ElfStatus.NotElf => "ELF-03",
        ElfStatus.UnknownClass => "ELF-04",
        ElfStatus.ShorterThanHeader64 => "ELF-05",
        ElfStatus.NotHostByteOrder => "ELF-06",
        ElfStatus.SectionHeadersPastEnd => "ELF-07",
        ElfStatus.SectionHeadersTruncated => "ELF-08",
        ElfStatus.NameSectionPastEnd => "ELF-09",
        ElfStatus.NoProgramHeaders => "ELF-10",
        ElfStatus.ProgramHeadersPastEnd => "ELF-11",
        ElfStatus.ProgramHeadersTruncated => "ELF-12",
        ElfStatus.SectionNamesTruncated => "ELF-13",
        _ => "ELF-14",
    };

    /// <summary>What is wrong, in half a sentence.</summary>
    public static string Explanation(this ElfStatus status) => status switch
    {
        ElfStatus.Ok => "sane",
        ElfStatus.NoImage => "there is no image",
        ElfStatus.ShorterThanHeader => "file is shorter than an ELF header",
        ElfStatus.NotElf => "not an ELF file",
        ElfStatus.UnknownClass => "class is neither ELF32 nor ELF64",
        ElfStatus.ShorterThanHeader64 => "file is shorter than an ELF64 header",
        ElfStatus.NotHostByteOrder => "not in the host's byte order",
        ElfStatus.SectionHeadersPastEnd => "section headers start past the end of the file",
        ElfStatus.SectionHeadersTruncated => "section headers end past the end of the file",
        ElfStatus.NameSectionPastEnd => "header of the name section lies past the end of the file",
        ElfStatus.NoProgramHeaders => "nothing to load",
        ElfStatus.ProgramHeadersPastEnd => "program headers start past the end of the file",
        ElfStatus.ProgramHeadersTruncated => "program headers end past the end of the file",
        ElfStatus.SectionNamesTruncated => "section names end past the end of the file",
        _ => "section name lies outside the section names",
    };
}
