using System;
using RemoteprocEmu.Firmware.Elf;
using RemoteprocEmu.Platform.Memory;

namespace RemoteprocEmu.Firmware.Loading;

/// <summary>One step of a load plan: these bytes of the file go to this device address, zeros after them.</summary>
public readonly struct LoadSegment
{
    internal LoadSegment(int index, ElfProgramHeader header, LoadStatus status, ReadOnlyMemory<byte> data)
    {
        ProgramHeaderIndex = index;
        Header = header;
        Status = status;
        Data = data;
    }

    /// <summary>Index of the program header in the file.</summary>
    public int ProgramHeaderIndex { get; }

    /// <summary>The program header it came from.</summary>
    public ElfProgramHeader Header { get; }

    /// <summary>Whether the kernel would go on to da_to_va. If not Ok, the load stops here; earlier segments stay written.</summary>
    public LoadStatus Status { get; }

    /// <summary>Where the segment goes: p_paddr.</summary>
    public DeviceAddress Address => Header.LoadAddress;

    /// <summary>Bytes to look up with da_to_va, above 0: p_memsz.</summary>
    public ulong MemorySizeBytes => Header.MemorySizeBytes;

    /// <summary>The bytes to copy there, p_filesz of them; may be none. Empty unless Ok.</summary>
    public ReadOnlyMemory<byte> Data { get; }

    /// <summary>Zero bytes to write after <see cref="Data"/>: p_memsz - p_filesz. Meaningful when Ok.</summary>
    public ulong ZeroBytes => Header.MemorySizeBytes - Header.FileSizeBytes;
}
