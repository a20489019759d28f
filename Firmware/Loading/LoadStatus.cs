namespace RemoteprocEmu.Firmware.Loading;

/// <summary>What is wrong with a segment to be loaded, in the order in which the causes are looked for.</summary>
/// <remarks>Source: drivers/remoteproc/remoteproc_elf_loader.c, rproc_elf_load_segments.</remarks>
public enum LoadStatus : byte
{
    /// <summary>The segment can be loaded if its device address can be reached.</summary>
    Ok = 0,
    /// <summary>p_filesz exceeds p_memsz.</summary>
    FileLargerThanMemory = 1,
    /// <summary>p_offset + p_filesz lies past the end of the file.</summary>
    PastEndOfFile = 2,
    /// <summary>p_memsz does not fit the host's size_t.</summary>
    TooLargeForHost = 3,
}
