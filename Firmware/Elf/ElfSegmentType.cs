namespace RemoteprocEmu.Firmware.Elf;

/// <summary>p_type: what a program header describes. Only <see cref="Load"/> matters to remoteproc; other values are skipped.</summary>
/// <remarks>Source: ELF gABI, chapter 5, Segment Types.</remarks>
public enum ElfSegmentType : uint
{
    /// <summary>PT_NULL: unused.</summary>
    Null = 0,
    /// <summary>PT_LOAD: bytes to be placed in the remote's memory.</summary>
    Load = 1,
    /// <summary>PT_NOTE: for debuggers.</summary>
    Note = 4,
}
