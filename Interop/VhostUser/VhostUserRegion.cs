using System;
using System.Buffers.Binary;

namespace RemoteprocEmu.Interop.VhostUser;

/// <summary>A piece of guest memory, as SET_MEM_TABLE describes it.</summary>
/// <remarks>
/// <code>
/// offset bytes field
///    0     8   GuestAddress  where the guest has it: what descriptors hold
///    8     8   SizeBytes
///   16     8   UserAddress   where the front end has it: what SET_VRING_ADDR holds
///   24     8   FileOffset    where it begins in its descriptor
/// </code>
/// Source: QEMU docs/interop/vhost-user.rst, "Memory region description".
/// </remarks>
/// <param name="GuestAddress">Guest physical address.</param>
/// <param name="SizeBytes">Size.</param>
/// <param name="UserAddress">Address in the front end.</param>
/// <param name="FileOffset">Offset in the file.</param>
public readonly record struct VhostUserRegion(ulong GuestAddress, ulong SizeBytes, ulong UserAddress, ulong FileOffset)
{
    /// <summary>Bytes on the wire.</summary>
    public const int WireBytes = 32;

    /// <summary>Reads one.</summary>
    /// <param name="bytes">At least <see cref="WireBytes"/>.</param>
    public static VhostUserRegion Read(ReadOnlySpan<byte> bytes) => new(
        BinaryPrimitives.ReadUInt64LittleEndian(bytes),
        BinaryPrimitives.ReadUInt64LittleEndian(bytes[8..]),
        BinaryPrimitives.ReadUInt64LittleEndian(bytes[16..]),
        BinaryPrimitives.ReadUInt64LittleEndian(bytes[24..]));

    /// <summary>Writes it.</summary>
    /// <param name="bytes">At least <see cref="WireBytes"/>.</param>
    public void Write(Span<byte> bytes)
    {
        BinaryPrimitives.WriteUInt64LittleEndian(bytes, GuestAddress);
        BinaryPrimitives.WriteUInt64LittleEndian(bytes[8..], SizeBytes);
        BinaryPrimitives.WriteUInt64LittleEndian(bytes[16..], UserAddress);
        BinaryPrimitives.WriteUInt64LittleEndian(bytes[24..], FileOffset);
    }

    /// <summary>Whether the numbers can be a region at all: whole pages, and no end past an address space.</summary>
    internal bool IsSound(ulong pageBytes) =>
        SizeBytes != 0 && (GuestAddress | SizeBytes | FileOffset) % pageBytes == 0 &&
        GuestAddress <= ulong.MaxValue - SizeBytes && UserAddress <= ulong.MaxValue - SizeBytes && FileOffset <= long.MaxValue - SizeBytes;
}
