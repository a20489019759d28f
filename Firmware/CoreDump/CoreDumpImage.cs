using System;
using System.Buffers;
using System.Collections.Generic;
using System.IO;
using RemoteprocEmu.Firmware.Elf;
using RemoteprocEmu.Platform.Memory;

namespace RemoteprocEmu.Firmware.CoreDump;

/// <summary>A core dump of a remote processor: an ELF core file that readelf and gdb read.</summary>
/// <remarks>
/// <code>
/// file header      ET_CORE, LSB, e_machine and e_entry of the processor
/// program headers  one PT_LOAD a segment: p_vaddr = p_paddr = da, p_filesz = p_memsz = size, flags RWX, align 0
/// segment data     one segment after the other, without padding
/// </code>
/// The headers are made once; the data is read when it is asked for. That serves both kinds of dump: <see cref="WriteTo"/> is
/// <c>enabled</c> (a copy, recovery goes on), <see cref="Read"/> is <c>inline</c> (read live, recovery waits).
/// Source: drivers/remoteproc/remoteproc_coredump.c, rproc_coredump, rproc_coredump_read, rproc_copy_segment.
/// </remarks>
public sealed class CoreDumpImage
{
    private const int ChunkBytes = 64 * 1024;

    private readonly byte[] _headers;
    private readonly CoreDumpSegment[] _segments;
    private readonly ulong[] _fileOffsets;

    private CoreDumpImage(byte[] headers, CoreDumpSegment[] segments, ulong[] fileOffsets, ulong sizeBytes)
    {
        _headers = headers;
        _segments = segments;
        _fileOffsets = fileOffsets;
        SizeBytes = sizeBytes;
    }

    /// <summary>File header and program headers, as they stand at the start of the file.</summary>
    public ReadOnlyMemory<byte> Headers => _headers;

    /// <summary>Bytes of the whole file.</summary>
    public ulong SizeBytes { get; }

    /// <summary>Lays out a dump. No memory is read yet.</summary>
    /// <param name="elfClass">The processor's elf_class; None: it wants no dump.</param>
    /// <param name="machine">The processor's elf_machine.</param>
    /// <param name="bootAddress">The processor's bootaddr.</param>
    /// <param name="segments">What to dump, in the order registered.</param>
    /// <param name="status">Ok, or why there is none.</param>
    /// <returns>The dump; null unless Ok.</returns>
    public static CoreDumpImage? TryCreate(ElfClass elfClass, ushort machine, DeviceAddress bootAddress,
        IReadOnlyList<CoreDumpSegment> segments, out CoreDumpStatus status)
    {
        status = segments.Count == 0 ? CoreDumpStatus.NoSegments
            : elfClass == ElfClass.None ? CoreDumpStatus.NoElfClass
            : segments.Count > ushort.MaxValue ? CoreDumpStatus.TooManySegments
            : CoreDumpStatus.Ok;
        if (status != CoreDumpStatus.Ok) return null;

        int fileHeader = ElfFileHeader.HeaderSizeBytes(elfClass);
        int programHeader = ElfProgramHeader.HeaderSizeBytes(elfClass);
        byte[] headers = new byte[fileHeader + (segments.Count * programHeader)];
        new ElfFileHeader(ElfFileHeader.TypeCore, machine, bootAddress, (ulong)fileHeader, 0, (ushort)segments.Count, 0, 0)
            .Write(headers, elfClass, ElfByteOrder.Little);

        ulong largest = elfClass == ElfClass.Elf64 ? (ulong)long.MaxValue : uint.MaxValue;
        ulong next = (ulong)headers.Length;
        CoreDumpSegment[] kept = new CoreDumpSegment[segments.Count];
        ulong[] fileOffsets = new ulong[segments.Count];
        for (int i = 0; i < segments.Count; i++)
        {
            CoreDumpSegment segment = segments[i];
            if (segment.SizeBytes > largest - next)
            {
                status = CoreDumpStatus.TooLarge;
                return null;
            }

            new ElfProgramHeader(ElfSegmentType.Load, ElfProgramHeader.FlagsReadWriteExecute, next, segment.Address, segment.Address,
                segment.SizeBytes, segment.SizeBytes, AlignBytes: 0)
                .Write(headers.AsSpan(fileHeader + (i * programHeader)), elfClass, ElfByteOrder.Little);
            kept[i] = segment;
            fileOffsets[i] = next;
            next += segment.SizeBytes;
        }

        return new CoreDumpImage(headers, kept, fileOffsets, next);
    }

    /// <summary>Reads a part of the file, as a reader of the inline dump does.</summary>
    /// <param name="offset">First byte of the file wanted.</param>
    /// <param name="into">Filled from its start.</param>
    /// <param name="read">Reads the remote's memory, one call for each segment touched.</param>
    /// <returns>Bytes filled: fewer than asked only at the end of the file, 0 past it.</returns>
    public int Read(ulong offset, Span<byte> into, CoreDumpRead read)
    {
        int filled = 0;
        if (offset < (ulong)_headers.Length)
        {
            filled = (int)Math.Min((ulong)into.Length, (ulong)_headers.Length - offset);
            _headers.AsSpan((int)offset, filled).CopyTo(into);
        }

        for (int i = 0; i < _segments.Length && filled < into.Length; i++)
        {
            ulong within = offset + (ulong)filled - _fileOffsets[i];
            if (offset + (ulong)filled < _fileOffsets[i] || within >= _segments[i].SizeBytes) continue;
            int length = (int)Math.Min((ulong)(into.Length - filled), _segments[i].SizeBytes - within);
            Fill(_segments[i].Address + within, into.Slice(filled, length), read);
            filled += length;
        }

        return filled;
    }

    /// <summary>Writes the whole file.</summary>
    /// <remarks>
    /// The kernel asks for a whole segment at once and fills all of it with 0xFF when da_to_va knows only a part; here that happens to each
    /// 64 KiB, so more of a broken processor's memory is saved.
    /// </remarks>
    /// <param name="output">Written to, not flushed.</param>
    /// <param name="read">Reads the remote's memory.</param>
    public void WriteTo(Stream output, CoreDumpRead read)
    {
        output.Write(_headers);
        byte[] chunk = ArrayPool<byte>.Shared.Rent(ChunkBytes);
        foreach (CoreDumpSegment segment in _segments)
        {
            for (ulong done = 0; done < segment.SizeBytes;)
            {
                Span<byte> part = chunk.AsSpan(0, (int)Math.Min((ulong)ChunkBytes, segment.SizeBytes - done));
                Fill(segment.Address + done, part, read);
                output.Write(part);
                done += (ulong)part.Length;
            }
        }

        ArrayPool<byte>.Shared.Return(chunk);
    }

    private static void Fill(DeviceAddress address, Span<byte> into, CoreDumpRead read)
    {
        if (!read(address, into)) into.Fill(0xFF);
    }
}
