using System;
using System.Buffers.Binary;

namespace RemoteprocEmu.Interop.VhostUser;

/// <summary>What each message begins with.</summary>
/// <remarks>
/// <code>
/// offset bytes field
///    0     4   Request       a VhostUserRequest
///    4     4   Flags         bits 0-1 version, 1; bit 2 this is a reply; bit 3 the sender wants one
///    8     4   PayloadBytes  what follows
/// </code>
/// In the byte order of the machine, which is little-endian on all that this runs on.
/// Source: QEMU docs/interop/vhost-user.rst, "Header".
/// </remarks>
/// <param name="Request">What is asked, or replied to.</param>
/// <param name="Flags">Version and flags.</param>
/// <param name="PayloadBytes">What follows. Not trusted.</param>
public readonly record struct VhostUserHeader(uint Request, uint Flags, uint PayloadBytes)
{
    /// <summary>Bytes on the wire.</summary>
    public const int SizeBytes = 12;

    /// <summary>The longest payload of any message known; what claims more is no vhost-user.</summary>
    public const int PayloadBytesMax = 4096;

    /// <summary>The version that there is.</summary>
    public const uint Version = 1;

    /// <summary>The mask of the version.</summary>
    public const uint VersionMask = 3;

    /// <summary>Set in a reply.</summary>
    public const uint Reply = 4;

    /// <summary>Set in a request that wants to be acknowledged.</summary>
    public const uint NeedReply = 8;

    /// <summary>Reads one.</summary>
    /// <param name="bytes">At least <see cref="SizeBytes"/>.</param>
    public static VhostUserHeader Read(ReadOnlySpan<byte> bytes) => new(
        BinaryPrimitives.ReadUInt32LittleEndian(bytes),
        BinaryPrimitives.ReadUInt32LittleEndian(bytes[4..]),
        BinaryPrimitives.ReadUInt32LittleEndian(bytes[8..]));

    /// <summary>Writes it.</summary>
    /// <param name="bytes">At least <see cref="SizeBytes"/>.</param>
    public void Write(Span<byte> bytes)
    {
        BinaryPrimitives.WriteUInt32LittleEndian(bytes, Request);
        BinaryPrimitives.WriteUInt32LittleEndian(bytes[4..], Flags);
        BinaryPrimitives.WriteUInt32LittleEndian(bytes[8..], PayloadBytes);
    }
}
