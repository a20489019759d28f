namespace RemoteprocEmu.Firmware.Elf;

/// <summary>EI_DATA, byte 5 of the identification: the byte order of every field of the image, its resource table included.</summary>
/// <remarks>The emulated host is little-endian, so only <see cref="Little"/> boots. Source: ELF gABI, chapter 4, ELF
/// identification.</remarks>
public enum ElfByteOrder : byte
{
    /// <summary>ELFDATA2LSB.</summary>
    Little = 1,
    /// <summary>ELFDATA2MSB: readable for a dump, never bootable here.</summary>
    Big = 2,
}
