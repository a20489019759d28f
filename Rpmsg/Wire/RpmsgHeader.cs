using System.Buffers.Binary;
using System.Runtime.InteropServices;
using RemoteprocEmu.Platform.Access;

namespace RemoteprocEmu.Rpmsg.Wire;

/// <summary>What every message begins with.</summary>
/// <remarks>
/// <code>
/// offset bytes field
///    0     4   Source       address of the sender's endpoint
///    4     4   Destination  address of the receiver's endpoint
///    8     4   Reserved     0 when sent; not looked at when received
///   12     2   LengthBytes  payload that follows, bytes
///   14     2   Flags        0 when sent; not looked at when received
/// </code>
/// Little-endian, here and with VIRTIO_F_VERSION_1. A resource table cannot negotiate that, so there the order is the host's, and a
/// big-endian one is asked for by <see cref="ReverseBytes"/>.
/// Source: Linux drivers/rpmsg/virtio_rpmsg_bus.c, struct rpmsg_hdr.
/// </remarks>
/// <param name="source">Address of the sender's endpoint.</param>
/// <param name="destination">Address of the receiver's endpoint.</param>
/// <param name="lengthBytes">Payload that follows, bytes.</param>
[StructLayout(LayoutKind.Explicit, Size = SizeBytes)]
public readonly struct RpmsgHeader(RpmsgAddress source, RpmsgAddress destination, ushort lengthBytes)
{
    /// <summary>Bytes on the wire.</summary>
    public const int SizeBytes = 16;

    [FieldOffset(0)] private readonly Le32 _source = new(source.Value);
    [FieldOffset(4)] private readonly Le32 _destination = new(destination.Value);
    [FieldOffset(8)] private readonly Le32 _reserved;
    [FieldOffset(12)] private readonly Le16 _length = new(lengthBytes);
    [FieldOffset(14)] private readonly Le16 _flags;

    /// <summary>Address of the sender's endpoint.</summary>
    public RpmsgAddress Source => new(_source.Value);

    /// <summary>Address of the receiver's endpoint.</summary>
    public RpmsgAddress Destination => new(_destination.Value);

    /// <summary>0 when sent; not looked at when received.</summary>
    public uint Reserved => _reserved.Value;

    /// <summary>Payload that follows, bytes, as the sender claims.</summary>
    public int LengthBytes => _length.Value;

    /// <summary>0 when sent; not looked at when received.</summary>
    public ushort Flags => _flags.Value;

    /// <summary>The same header in the other byte order.</summary>
    public RpmsgHeader ReverseBytes()
    {
        uint source = BinaryPrimitives.ReverseEndianness(_source.Value);
        uint destination = BinaryPrimitives.ReverseEndianness(_destination.Value);
        return new RpmsgHeader(new RpmsgAddress(source), new RpmsgAddress(destination), BinaryPrimitives.ReverseEndianness(_length.Value));
    }
}
