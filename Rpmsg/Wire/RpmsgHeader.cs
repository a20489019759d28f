using System.Buffers.Binary;
using System.Runtime.CompilerServices;
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

    // Two words, so that a header is made and copied in two registers.
    [FieldOffset(0)] private readonly Le64 _addresses = new(source.Value | ((ulong)destination.Value << 32));
    [FieldOffset(8)] private readonly Le64 _rest = new((ulong)lengthBytes << 32);

    /// <summary>Address of the sender's endpoint.</summary>
    public RpmsgAddress Source => new((uint)_addresses.Value);

    /// <summary>Address of the receiver's endpoint.</summary>
    public RpmsgAddress Destination => new((uint)(_addresses.Value >> 32));

    /// <summary>0 when sent; not looked at when received.</summary>
    public uint Reserved => (uint)_rest.Value;

    /// <summary>Payload that follows, bytes, as the sender claims.</summary>
    public int LengthBytes => (ushort)(_rest.Value >> 32);

    /// <summary>0 when sent; not looked at when received.</summary>
    public ushort Flags => (ushort)(_rest.Value >> 48);

    /// <summary>The same addresses over a payload of another length.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal RpmsgHeader WithLength(ushort lengthBytes) => new(Source, Destination, lengthBytes);

    /// <summary>The same header in the other byte order.</summary>
    public RpmsgHeader ReverseBytes()
    {
        uint source = BinaryPrimitives.ReverseEndianness(Source.Value);
        uint destination = BinaryPrimitives.ReverseEndianness(Destination.Value);
        ushort lengthBytes = BinaryPrimitives.ReverseEndianness((ushort)LengthBytes);
        return new RpmsgHeader(new RpmsgAddress(source), new RpmsgAddress(destination), lengthBytes);
    }
}
