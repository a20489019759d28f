namespace RemoteprocEmu.Firmware.Elf;

/// <summary>EI_CLASS, byte 4 of the identification: how wide an image's addresses and offsets are.</summary>
/// <remarks>Source: ELF gABI, chapter 4, ELF identification; include/uapi/linux/elf.h, ELFCLASS.</remarks>
public enum ElfClass : byte
{
    /// <summary>ELFCLASSNONE: invalid in an image; for a processor, "no core dump wanted".</summary>
    None = 0,
    /// <summary>ELFCLASS32: 4-byte addresses and offsets.</summary>
    Elf32 = 1,
    /// <summary>ELFCLASS64: 8-byte addresses and offsets.</summary>
    Elf64 = 2,
}
