namespace RemoteprocEmu.Firmware.CoreDump;

/// <summary>Why there is a core dump, or none.</summary>
/// <remarks>Source: drivers/remoteproc/remoteproc_coredump.c, rproc_coredump. The kernel logs and goes on; none of these is an
/// errno.</remarks>
public enum CoreDumpStatus : byte
{
    /// <summary>There is one.</summary>
    Ok = 0,
    /// <summary>No segment was registered: nothing to dump, and nothing is logged.</summary>
    NoSegments = 1,
    /// <summary>The platform driver set no ELF class.</summary>
    NoElfClass = 2,
    /// <summary>More segments than e_phnum can count, 65535. The kernel's count wraps.</summary>
    TooManySegments = 3,
    /// <summary>The file would be larger than the class can address. The kernel's offsets wrap.</summary>
    TooLarge = 4,
}
