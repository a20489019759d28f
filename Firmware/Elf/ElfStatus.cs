namespace RemoteprocEmu.Firmware.Elf;

/// <summary>What opening an image found: one value a cause, in the order in which the causes are looked for.</summary>
/// <remarks>
/// The number is the rule's number: value 7 is rule ELF-07. The kernel checks the first eleven; the last three it leaves out, and reads
/// outside the file for want of them. Source: drivers/remoteproc/remoteproc_elf_loader.c, rproc_elf_sanity_check (v6.12).
/// </remarks>
public enum ElfStatus : byte
{
    /// <summary>The image is sane.</summary>
    Ok = 0,
    /// <summary>There is no image: no bytes at all.</summary>
    NoImage = 1,
    /// <summary>Shorter than the smaller file header, 52 bytes.</summary>
    ShorterThanHeader = 2,
    /// <summary>Does not start with 7F 45 4C 46.</summary>
    NotElf = 3,
    /// <summary>Class is neither ELF32 nor ELF64.</summary>
    UnknownClass = 4,
    /// <summary>Class is ELF64 and the file is shorter than that header, 64 bytes.</summary>
    ShorterThanHeader64 = 5,
    /// <summary>Not in the host's byte order.</summary>
    NotHostByteOrder = 6,
    /// <summary>The section headers start past the end of the file.</summary>
    SectionHeadersPastEnd = 7,
    /// <summary>The section headers end past the end of the file.</summary>
    SectionHeadersTruncated = 8,
    /// <summary>The header of the section that holds the names lies past the end of the file.</summary>
    NameSectionPastEnd = 9,
    /// <summary>There is nothing to load: no program headers.</summary>
    NoProgramHeaders = 10,
    /// <summary>The program headers start past the end of the file.</summary>
    ProgramHeadersPastEnd = 11,
    /// <summary>The program headers end past the end of the file. Not checked by the kernel.</summary>
    ProgramHeadersTruncated = 12,
    /// <summary>The section names end past the end of the file. Not checked by the kernel.</summary>
    SectionNamesTruncated = 13,
    /// <summary>A section's name does not lie, with its NUL, within the section names. Not checked by the kernel.</summary>
    SectionNameOutOfRange = 14,
}
