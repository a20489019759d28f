using System;
using System.Collections.Generic;
using System.Text;
using RemoteprocEmu.Platform.Memory;

namespace RemoteprocEmu.Firmware.Elf;

/// <summary>Makes a firmware image in memory, for tests and samples.</summary>
/// <remarks>
/// <code>
/// byte[] file = new ElfBuilder(ElfClass.Elf32, machine: 40, entry: new(0x10000001))
///     .AddSegment(new(0x10000000), code)
///     .AddSegment(new(0x20000000), data, memorySizeBytes: 0x4000)
///     .AddSection(".resource_table", new(0x20000100), table)
///     .Build();
///
/// file:  file header | program headers | segments | sections | section names | section headers
/// </code>
/// An image without sections has no section headers. Section 0 is the empty one, the last holds the names.
/// </remarks>
public sealed class ElfBuilder
{
    private const int AlignBytes = 8;

    private readonly ElfClass _class;
    private readonly ElfByteOrder _order;
    private readonly ushort _machine;
    private readonly DeviceAddress _entry;
    private readonly List<(ElfProgramHeader Header, byte[] Data)> _segments = [];
    private readonly List<Section> _sections = [];

    /// <summary>Starts an image without segments and sections.</summary>
    /// <param name="elfClass">ELF32 or ELF64.</param>
    /// <param name="machine">e_machine: 40 ARM, 183 AArch64, 243 RISC-V.</param>
    /// <param name="entry">e_entry.</param>
    /// <param name="order">Byte order of every field.</param>
    public ElfBuilder(
        ElfClass elfClass = ElfClass.Elf32, ushort machine = 40, DeviceAddress entry = default, ElfByteOrder order = ElfByteOrder.Little)
    {
        if (elfClass is not (ElfClass.Elf32 or ElfClass.Elf64)) throw new ArgumentOutOfRangeException(nameof(elfClass));
        _class = elfClass;
        _machine = machine;
        _entry = entry;
        _order = order;
    }

    /// <summary>Adds a program header and its bytes.</summary>
    /// <param name="loadAddress">p_paddr.</param>
    /// <param name="data">The bytes in the file; may be none.</param>
    /// <param name="memorySizeBytes">p_memsz; null: as many as in the file.</param>
    /// <param name="runAddress">p_vaddr; null: the load address.</param>
    /// <param name="type">p_type.</param>
    /// <param name="flags">p_flags.</param>
    public ElfBuilder AddSegment(
        DeviceAddress loadAddress, ReadOnlySpan<byte> data, ulong? memorySizeBytes = null, DeviceAddress? runAddress = null,
        ElfSegmentType type = ElfSegmentType.Load, uint flags = ElfProgramHeader.FlagsReadWriteExecute)
    {
        ElfProgramHeader header = new(type, flags, 0, runAddress ?? loadAddress, loadAddress,
            (ulong)data.Length, memorySizeBytes ?? (ulong)data.Length, AlignBytes);
        _segments.Add((header, data.ToArray()));
        return this;
    }

    /// <summary>Adds a section with bytes of its own in the file.</summary>
    /// <param name="name">Its name.</param>
    /// <param name="address">sh_addr, its run address.</param>
    /// <param name="data">Its bytes; may be none.</param>
    public ElfBuilder AddSection(string name, DeviceAddress address, ReadOnlySpan<byte> data)
    {
        _sections.Add(new Section(name, address, data.ToArray(), -1, 0, data.Length));
        return this;
    }

    /// <summary>Adds a section that names a part of a segment, as a linker does.</summary>
    /// <param name="name">Its name.</param>
    /// <param name="segment">The segment, counted from 0 in the order added.</param>
    /// <param name="offset">First byte within the segment's file bytes.</param>
    /// <param name="sizeBytes">Bytes.</param>
    /// <param name="address">sh_addr; null: the segment's run address plus the offset.</param>
    public ElfBuilder AddSectionOfSegment(string name, int segment, int offset, int sizeBytes, DeviceAddress? address = null)
    {
        DeviceAddress runAddress = address ?? (_segments[segment].Header.VirtualAddress + (ulong)offset);
        _sections.Add(new Section(name, runAddress, [], segment, offset, sizeBytes));
        return this;
    }

    /// <summary>Makes the image.</summary>
    public byte[] Build()
    {
        byte[] names = MakeNames(out uint[] nameOffsets, out uint ownName);
        int programHeaders = ElfFileHeader.HeaderSizeBytes(_class);
        int next = Aligned(programHeaders + (_segments.Count * ElfProgramHeader.HeaderSizeBytes(_class)));
        int[] segmentOffsets = Place(_segments.Count, i => _segments[i].Data.Length, ref next);
        int[] sectionOffsets = Place(_sections.Count, i => _sections[i].Data.Length, ref next);
        int namesOffset = next;
        int sectionHeaders = _sections.Count == 0 ? 0 : Aligned(namesOffset + names.Length);
        int sectionCount = _sections.Count == 0 ? 0 : _sections.Count + 2;

        byte[] file = new byte[_sections.Count == 0 ? next : sectionHeaders + (sectionCount * ElfSectionHeader.HeaderSizeBytes(_class))];
        new ElfFileHeader(ElfFileHeader.TypeExecutable, _machine, _entry, _segments.Count == 0 ? 0 : (ulong)programHeaders,
            (ulong)sectionHeaders, (ushort)_segments.Count, (ushort)sectionCount, (ushort)Math.Max(0, sectionCount - 1))
            .Write(file, _class, _order);
        for (int i = 0; i < _segments.Count; i++)
        {
            ElfProgramHeader header = _segments[i].Header with { Offset = (ulong)segmentOffsets[i] };
            header.Write(file.AsSpan(programHeaders + (i * ElfProgramHeader.HeaderSizeBytes(_class))), _class, _order);
            _segments[i].Data.CopyTo(file, segmentOffsets[i]);
        }

        if (_sections.Count == 0) return file;
        for (int i = 0; i < _sections.Count; i++)
        {
            Section section = _sections[i];
            int offset = section.Segment < 0 ? sectionOffsets[i] : segmentOffsets[section.Segment] + section.Offset;
            section.Data.CopyTo(file, sectionOffsets[i]);
            WriteSection(file, sectionHeaders, i + 1, new ElfSectionHeader(nameOffsets[i], ElfSectionHeader.TypeProgramBits,
                ElfSectionHeader.FlagAllocated, section.Address, (ulong)offset, (ulong)section.SizeBytes, 4));
        }

        names.CopyTo(file, namesOffset);
        WriteSection(file, sectionHeaders, sectionCount - 1, new ElfSectionHeader(ownName, ElfSectionHeader.TypeStringTable, 0, default,
            (ulong)namesOffset, (ulong)names.Length, 1));
        return file;
    }

    private static int Aligned(int offset) => (offset + (AlignBytes - 1)) & -AlignBytes;

    private static int[] Place(int count, Func<int, int> lengthOf, ref int next)
    {
        int[] offsets = new int[count];
        for (int i = 0; i < count; i++)
        {
            offsets[i] = next;
            next = Aligned(next + lengthOf(i));
        }

        return offsets;
    }

    private byte[] MakeNames(out uint[] offsets, out uint ownName)
    {
        StringBuilder names = new("\0");
        offsets = new uint[_sections.Count];
        for (int i = 0; i < _sections.Count; i++)
        {
            offsets[i] = (uint)names.Length;
            _ = names.Append(_sections[i].Name).Append('\0'); // a builder returns itself
        }

        ownName = (uint)names.Length;
        return Encoding.Latin1.GetBytes(names.Append(".shstrtab\0").ToString());
    }

    private void WriteSection(byte[] file, int sectionHeaders, int index, in ElfSectionHeader header) =>
        header.Write(file.AsSpan(sectionHeaders + (index * ElfSectionHeader.HeaderSizeBytes(_class))), _class, _order);

    private sealed record Section(string Name, DeviceAddress Address, byte[] Data, int Segment, int Offset, int SizeBytes);
}
