using System;
using RemoteprocEmu.Platform;
using RemoteprocEmu.Platform.Memory;

namespace RemoteprocEmu.Firmware.Elf;

/// <summary>A firmware image: a view over a file's bytes that has passed the kernel's sanity check.</summary>
/// <remarks>
/// <code>
/// ElfStatus status = ElfImage.TryOpen(file, out ElfImage image, out ElfFault fault);
/// if (status != ElfStatus.Ok) return Refuse($"{path}: {fault}", status.ToErrno());
/// foreach (LoadSegment segment in LoadPlan.Of(image)) ...
/// </code>
/// The view owns nothing and copies nothing; the caller keeps the bytes unchanged while it lives. No member allocates.
/// Trust: the file is the firmware developer's. Each offset was judged by <see cref="TryOpen"/> or is judged at its use.
/// </remarks>
public readonly struct ElfImage
{
    private readonly ReadOnlyMemory<byte> _bytes;
    private readonly ElfFileHeader _header;

    private ElfImage(ReadOnlyMemory<byte> bytes)
    {
        _bytes = bytes;
        Class = (ElfClass)bytes.Span[ElfFileHeader.ClassOffset];
        ByteOrder = (ElfByteOrder)bytes.Span[ElfFileHeader.ByteOrderOffset];
        _header = ElfFileHeader.Read(bytes.Span, Class, ByteOrder);
    }

    /// <summary>The whole file.</summary>
    public ReadOnlyMemory<byte> Bytes => _bytes;

    /// <summary>ELF32 or ELF64.</summary>
    public ElfClass Class { get; }

    /// <summary>The image's byte order; <see cref="ElfByteOrder.Big"/> only after <see cref="TryOpenForReading"/>.</summary>
    public ElfByteOrder ByteOrder { get; }

    /// <summary>The file header.</summary>
    public ElfFileHeader Header => _header;

    /// <summary>e_entry as it stands, an odd Thumb entry included: the kernel's <c>bootaddr</c> (rproc_elf_get_boot_addr).</summary>
    public DeviceAddress BootAddress => _header.Entry;

    /// <summary>e_machine: 40 ARM, 183 AArch64, 243 RISC-V. Not checked by remoteproc.</summary>
    public ushort Machine => _header.Machine;

    /// <summary>Program headers, in file order.</summary>
    public int ProgramHeaderCount => _header.ProgramHeaderCount;

    /// <summary>Section headers, the empty one at index 0 included.</summary>
    public int SectionHeaderCount => _header.SectionHeaderCount;

    /// <summary>Whether sections have names: there are sections, and e_shstrndx is not 0 (SHN_UNDEF).</summary>
    internal bool HasSectionNames => _header.SectionHeaderCount != 0 && _header.SectionNamesIndex != 0;

    /// <summary>The bytes of the name section.</summary>
    internal ReadOnlySpan<byte> SectionNames
    {
        get
        {
            ElfSectionHeader names = SectionHeaderAt(_header.SectionNamesIndex);
            return _bytes.Span.Slice((int)names.Offset, (int)names.SizeBytes);
        }
    }

    /// <summary>Opens an image for booting: the kernel's sanity check in its order, and three rules the kernel should have.</summary>
    /// <remarks>Models rproc_elf_sanity_check (drivers/remoteproc/remoteproc_elf_loader.c, v6.12).</remarks>
    /// <param name="bytes">The whole file.</param>
    /// <param name="image">The image; a default value unless the result is Ok.</param>
    /// <param name="fault">Where and why, for one line of text; a default value when the result is Ok.</param>
    /// <returns>Ok, or the first rule that does not hold. <see cref="ElfStatusText.ToErrno"/> is what the kernel returns.</returns>
    public static ElfStatus TryOpen(ReadOnlyMemory<byte> bytes, out ElfImage image, out ElfFault fault) =>
        Open(bytes, acceptBigEndian: false, out image, out fault);

    /// <summary>Opens an image for looking only: as <see cref="TryOpen"/>, but a big-endian image passes.</summary>
    /// <param name="bytes">The whole file.</param>
    /// <param name="image">The image; a default value unless the result is Ok.</param>
    /// <param name="fault">Where and why; a default value when the result is Ok.</param>
    /// <returns>Ok, or the first rule that does not hold.</returns>
    public static ElfStatus TryOpenForReading(ReadOnlyMemory<byte> bytes, out ElfImage image, out ElfFault fault) =>
        Open(bytes, acceptBigEndian: true, out image, out fault);

    /// <summary>The program header at <paramref name="index"/>, below <see cref="ProgramHeaderCount"/>.</summary>
    public ElfProgramHeader ProgramHeader(int index)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual((uint)index, (uint)ProgramHeaderCount, nameof(index));
        return ElfProgramHeader.Read(_bytes.Span[(int)ProgramHeaderFileOffset(index)..], Class, ByteOrder);
    }

    /// <summary>Where in the file the program header at <paramref name="index"/> stands, bytes.</summary>
    public ulong ProgramHeaderFileOffset(int index) =>
        _header.ProgramHeadersOffset + ((ulong)(uint)index * (ulong)ElfProgramHeader.HeaderSizeBytes(Class));

    /// <summary>The section header at <paramref name="index"/>, below <see cref="SectionHeaderCount"/>.</summary>
    public ElfSectionHeader SectionHeader(int index)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual((uint)index, (uint)SectionHeaderCount, nameof(index));
        return SectionHeaderAt(index);
    }

    /// <summary>The section's name without its NUL; empty when sections have no names.</summary>
    /// <param name="index">The section, below <see cref="SectionHeaderCount"/>.</param>
    public ReadOnlySpan<byte> SectionName(int index)
    {
        ElfSectionHeader section = SectionHeader(index);
        if (!HasSectionNames) return default;
        ReadOnlySpan<byte> rest = SectionNames[(int)section.NameOffset..];
        return rest[..rest.IndexOf((byte)0)];
    }

    /// <summary>Finds the first section with exactly this name.</summary>
    /// <param name="name">The name's bytes, without NUL.</param>
    /// <param name="index">Its index; -1 when there is none.</param>
    /// <param name="section">Its header, whose offset and size are not judged yet; a default value when there is none.</param>
    /// <returns>Whether there is one.</returns>
    public bool TryFindSection(ReadOnlySpan<byte> name, out int index, out ElfSectionHeader section)
    {
        ReadOnlySpan<byte> names = HasSectionNames ? SectionNames : default;
        for (index = 0; index < SectionHeaderCount && !names.IsEmpty; index++)
        {
            section = SectionHeaderAt(index);
            ReadOnlySpan<byte> candidate = names[(int)section.NameOffset..];
            if (candidate.Length > name.Length && candidate[name.Length] == 0 && candidate.StartsWith(name)) return true;
        }

        index = -1;
        section = default;
        return false;
    }

    /// <summary>Views a file whose identification holds, before its other rules are judged. For the checks only.</summary>
    internal static ElfImage Unjudged(ReadOnlyMemory<byte> bytes) => new(bytes);

    /// <summary>The section header at an index that may equal or exceed the count, as e_shstrndx may; it lies within the file all the
    /// same.</summary>
    internal ElfSectionHeader SectionHeaderAt(int index)
    {
        ulong offset = _header.SectionHeadersOffset + ((ulong)(uint)index * (ulong)ElfSectionHeader.HeaderSizeBytes(Class));
        return ElfSectionHeader.Read(_bytes.Span[(int)offset..], Class, ByteOrder);
    }

    private static ElfStatus Open(ReadOnlyMemory<byte> bytes, bool acceptBigEndian, out ElfImage image, out ElfFault fault)
    {
        image = default;
        fault = ElfSanity.CheckIdentification(bytes.Span, acceptBigEndian);
        if (fault.Status != ElfStatus.Ok) return fault.Status;

        ElfImage candidate = new(bytes);
        for (ElfStatus rule = ElfStatus.SectionHeadersPastEnd; rule <= ElfStatusText.Last; rule++)
        {
            fault = ElfSanity.CheckRule(rule, candidate);
            if (fault.Status == ElfStatus.Ok) continue;
            Invariant.Check(fault.Status == rule, "a rule reports its own fault");
            return fault.Status;
        }

        image = candidate;
        return ElfStatus.Ok;
    }
}
