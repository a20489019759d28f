using System;
using System.Buffers.Binary;
using System.Collections.Generic;
using RemoteprocEmu.Firmware.Elf;
using RemoteprocEmu.Firmware.ResourceTable;

namespace RemoteprocEmu.Firmware.Fuzz;

/// <summary>Makes broken inputs of one file of the corpus, and forgets each one again. Allocates nothing after construction.</summary>
public sealed class Mutator
{
    private const int ChangesMax = 6;
    private const int ChunkBytesMax = 64;
    private const int ExtraBytes = 64;

    private static readonly uint[] s_interesting =
    [
        0, 1, 2, 3, 4, 5, 7, 8, 12, 15, 16, 17, 19, 20, 24, 40, 44, 52, 56, 64, 127, 128, 200, 255, 256, 512, 513, 4095, 4096, 0xFFFF,
        0x1_0000, 0x7FFF_FFFF, 0x8000_0000, 0xFFFF_FF00, 0xFFFF_FFF0, 0xFFFF_FFFC, 0xFFFF_FFFE, 0xFFFF_FFFF,
    ];

    private readonly byte[] _pristine;
    private readonly byte[] _work;
    private readonly (int Offset, int Length)[] _hot;
    private readonly (int Offset, int Length)[] _undo = new (int, int)[ChangesMax];
    private int _changes;

    /// <summary>Prepares a file.</summary>
    /// <param name="bytes">An image or a bare table.</param>
    public Mutator(byte[] bytes)
    {
        _pristine = new byte[bytes.Length + ExtraBytes];
        bytes.CopyTo(_pristine, 0);
        _work = (byte[])_pristine.Clone();
        FileBytes = bytes.Length;
        _hot = FindHot(bytes);
    }

    /// <summary>Bytes of the file before mutation.</summary>
    public int FileBytes { get; }

    /// <summary>Makes an input; it is valid until the next call.</summary>
    /// <param name="random">Decides everything.</param>
    public ReadOnlyMemory<byte> Next(ref SplitMix random)
    {
        for (; _changes > 0; _changes--)
        {
            (int offset, int length) = _undo[_changes - 1];
            _pristine.AsSpan(offset, length).CopyTo(_work.AsSpan(offset));
        }

        int size = FileBytes;
        int wanted = 1 + random.Below(ChangesMax);
        for (int i = 0; i < wanted; i++)
        {
            int kind = random.Below(24);
            if (kind == 0) size = random.Below(FileBytes + 1);
            else if (kind == 1) size = FileBytes + random.Below(ExtraBytes + 1);
            else Change(kind, ref random);
        }

        return _work.AsMemory(0, size);
    }

    private void Change(int kind, ref SplitMix random)
    {
        int offset = PickOffset(ref random);
        if (kind is >= 10 and < 18) offset &= ~3; // most fields are aligned
        int length = kind switch { < 4 => 1, < 18 => 4, < 20 => 8, _ => 1 + random.Below(ChunkBytesMax) };
        length = Math.Min(length, _work.Length - offset);
        _undo[_changes++] = (offset, length);

        Span<byte> target = _work.AsSpan(offset, length);
        switch (kind)
        {
            case < 3: target[0] ^= (byte)(1 << random.Below(8)); break;
            case 3: target[0] = (byte)random.Next(); break;
            case < 20 when length == 4 && kind % 4 != 3: WriteU32(target, PickValue(ref random), ref random); break;
            case < 20 when length == 4:
                WriteU32(target, BinaryPrimitives.ReadUInt32LittleEndian(target) + (uint)random.Below(65) - 32, ref random);
                break;
            case < 20 when length == 8:
                BinaryPrimitives.WriteUInt64LittleEndian(target, random.Below(2) == 0 ? random.Next() : 0 - (random.Next() % 256));
                break;
            case 20: target.Clear(); break;
            case 21: target.Fill(0xFF); break;
            default:
                int from = PickOffset(ref random);
                length = Math.Min(length, _work.Length - from);
                _work.AsSpan(from, length).CopyTo(target);
                break;
        }
    }

    private int PickOffset(ref SplitMix random)
    {
        if (random.Below(4) == 0) return random.Below(Math.Max(1, FileBytes));
        (int offset, int length) = _hot[random.Below(_hot.Length)];
        return offset + random.Below(length);
    }

    private uint PickValue(ref SplitMix random) => random.Below(4) switch
    {
        0 => (uint)random.Next(),
        1 => (uint)(FileBytes + random.Below(9) - 4),
        _ => s_interesting[random.Below(s_interesting.Length)],
    };

    private static void WriteU32(Span<byte> target, uint value, ref SplitMix random)
    {
        if (random.Below(4) == 0) BinaryPrimitives.WriteUInt32BigEndian(target, value);
        else BinaryPrimitives.WriteUInt32LittleEndian(target, value);
    }

    /// <summary>Where the numbers stand that the readers look at; random bytes of the payload seldom matter.</summary>
    private static (int Offset, int Length)[] FindHot(byte[] bytes)
    {
        List<(int Offset, int Length)> hot = [(0, Math.Max(1, Math.Min(bytes.Length, 64)))];
        if (ElfImage.TryOpenForReading(bytes, out ElfImage image, out _) == ElfStatus.Ok)
        {
            hot.Add(((int)image.ProgramHeaderFileOffset(0), image.ProgramHeaderCount * ElfProgramHeader.HeaderSizeBytes(image.Class)));
            int sections = image.SectionHeaderCount * ElfSectionHeader.HeaderSizeBytes(image.Class);
            if (sections != 0) hot.Add(((int)image.Header.SectionHeadersOffset, sections));
            bool hasTable = ResourceTableSection.TryLocate(image, out ResourceTableSection table) == ResourceTableStatus.Ok;
            for (int i = 0; i < 3 && hasTable && table.SizeBytes != 0; i++) hot.Add(((int)table.FileOffset,
                table.SizeBytes)); // it weighs three
        }
        else
        {
            hot.Add((0, Math.Max(1, bytes.Length)));
        }

        return [.. hot];
    }
}
