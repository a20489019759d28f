using System;
using System.Buffers;
using System.Buffers.Binary;
using System.IO;
using System.Text;

namespace RemoteprocEmu.Interop.Pcapng;

/// <summary>Writes a pcapng file: what Wireshark and tshark read.</summary>
/// <remarks>
/// <code>
/// section header     once      byte order, who wrote it
/// interface          each      link type, name, time in ns
/// enhanced packet    each      interface, time, direction, bytes, comment
/// </code>
/// Little-endian. For one thread.
/// Source: draft-ietf-opsawg-pcapng, sections 4.1 to 4.3.
/// </remarks>
public sealed class PcapngWriter
{
    /// <summary>LINKTYPE_USER0 and what follows: a capture says what they hold. The last is 15 more.</summary>
    public const int LinkTypeUser0 = 147;

    private const uint SectionHeaderBlock = 0x0A0D0D0A;
    private const uint InterfaceBlock = 1;
    private const uint EnhancedPacketBlock = 6;
    private const uint ByteOrderMagic = 0x1A2B3C4D;
    private const ushort OptionEnd = 0;
    private const ushort OptionComment = 1;
    private const ushort OptionName = 2;           // if_name; in an enhanced packet the same number is epb_flags
    private const ushort OptionFlags = 2;
    private const ushort OptionDescription = 3;
    private const ushort OptionApplication = 4;
    private const ushort OptionTimeResolution = 9;
    private const byte Nanoseconds = 9;            // ten to the power of minus nine
    private const int OptionBytesMax = ushort.MaxValue;

    private readonly Stream _stream;
    private readonly ArrayBufferWriter<byte> _block = new();

    /// <summary>Begins a file.</summary>
    /// <param name="stream">Where; at its beginning. The caller closes it.</param>
    /// <param name="application">Who writes it, for the reader's eye.</param>
    /// <exception cref="IOException">The stream takes nothing.</exception>
    public PcapngWriter(Stream stream, string application)
    {
        ArgumentNullException.ThrowIfNull(stream);
        _stream = stream;
        Put32(ByteOrderMagic);
        Put16(1);        // version 1.0
        Put16(0);
        Put64(ulong.MaxValue); // the section's length: not known
        PutText(OptionApplication, application);
        PutOptionsEnd();
        EndBlock(SectionHeaderBlock);
    }

    /// <summary>Interfaces so far; the next one has this number.</summary>
    public int InterfaceCount { get; private set; }

    /// <summary>Packets so far.</summary>
    public long PacketCount { get; private set; }

    /// <summary>Adds an interface: a place where packets are seen.</summary>
    /// <param name="linkType">What its packets are; 0 to 65535, see tcpdump.org/linktypes.html.</param>
    /// <param name="name">Its name.</param>
    /// <param name="description">More about it; empty for nothing.</param>
    /// <returns>Its number.</returns>
    /// <exception cref="IOException">The stream takes nothing more.</exception>
    public int AddInterface(int linkType, string name, string description)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(linkType);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(linkType, ushort.MaxValue);
        Put16((ushort)linkType);
        Put16(0);
        Put32(0); // no limit on a packet's length
        PutText(OptionName, name);
        PutText(OptionDescription, description);
        PutOption(OptionTimeResolution, [Nanoseconds]);
        PutOptionsEnd();
        EndBlock(InterfaceBlock);
        return InterfaceCount++;
    }

    /// <summary>Adds a packet.</summary>
    /// <param name="interfaceNumber">Where it was seen.</param>
    /// <param name="timeNs">When, ns; 0 or more.</param>
    /// <param name="direction">Which way it went.</param>
    /// <param name="bytes">The packet.</param>
    /// <param name="comment">What to say about it; empty for nothing.</param>
    /// <exception cref="IOException">The stream takes nothing more.</exception>
    public void AddPacket(int interfaceNumber, long timeNs, PacketDirection direction, ReadOnlySpan<byte> bytes, string comment = "")
    {
        ArgumentOutOfRangeException.ThrowIfNegative(interfaceNumber);
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(interfaceNumber, InterfaceCount);
        ArgumentOutOfRangeException.ThrowIfNegative(timeNs);
        Put32((uint)interfaceNumber);
        Put32((uint)(timeNs >> 32));
        Put32((uint)timeNs);
        Put32((uint)bytes.Length); // captured
        Put32((uint)bytes.Length); // on the wire
        PutPadded(bytes);
        Span<byte> flags = stackalloc byte[sizeof(uint)];
        BinaryPrimitives.WriteUInt32LittleEndian(flags, (uint)direction);
        PutText(OptionComment, comment);
        if (direction != PacketDirection.Unknown) PutOption(OptionFlags, flags);
        PutOptionsEnd();
        EndBlock(EnhancedPacketBlock);
        PacketCount++;
    }

    private void PutText(ushort code, string text)
    {
        if (text.Length == 0) return;
        byte[] bytes = Encoding.UTF8.GetBytes(text);
        PutOption(code, bytes.AsSpan(0, Math.Min(bytes.Length, OptionBytesMax)));
    }

    private void PutOption(ushort code, ReadOnlySpan<byte> value)
    {
        Put16(code);
        Put16((ushort)value.Length);
        PutPadded(value);
    }

    private void PutOptionsEnd()
    {
        Put16(OptionEnd);
        Put16(0);
    }

    private void PutPadded(ReadOnlySpan<byte> bytes)
    {
        _block.Write(bytes);
        int padding = -bytes.Length & 3;
        _block.GetSpan(3)[..padding].Clear();
        _block.Advance(padding);
    }

    private void Put16(ushort value)
    {
        BinaryPrimitives.WriteUInt16LittleEndian(_block.GetSpan(sizeof(ushort)), value);
        _block.Advance(sizeof(ushort));
    }

    private void Put32(uint value)
    {
        BinaryPrimitives.WriteUInt32LittleEndian(_block.GetSpan(sizeof(uint)), value);
        _block.Advance(sizeof(uint));
    }

    private void Put64(ulong value)
    {
        Put32((uint)value);
        Put32((uint)(value >> 32));
    }

    /// <summary>A block is its type, its length, what is in it, and its length again.</summary>
    private void EndBlock(uint type)
    {
        uint lengthBytes = (uint)_block.WrittenCount + (3 * sizeof(uint));
        Put32(lengthBytes);
        Span<byte> head = stackalloc byte[2 * sizeof(uint)];
        BinaryPrimitives.WriteUInt32LittleEndian(head, type);
        BinaryPrimitives.WriteUInt32LittleEndian(head[sizeof(uint)..], lengthBytes);
        _stream.Write(head);
        _stream.Write(_block.WrittenSpan);
        _block.ResetWrittenCount();
    }
}
