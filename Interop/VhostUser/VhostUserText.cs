using System;
using System.Buffers.Binary;
using System.Text;

namespace RemoteprocEmu.Interop.VhostUser;

/// <summary>Messages and faults as people read them.</summary>
public static class VhostUserText
{
    /// <summary>A request's name, as the specification writes it: <c>SET_MEM_TABLE</c>.</summary>
    public static string Name(VhostUserRequest request)
    {
        string words = request.ToString();
        StringBuilder text = new();
        foreach (char letter in words)
        {
            if (char.IsUpper(letter) && text.Length > 0) _ = text.Append('_');
            _ = text.Append(char.ToUpperInvariant(letter));
        }

        return text.ToString();
    }

    /// <summary>One line for a message: its name and its numbers. A ring's addresses are relative to the first.</summary>
    /// <param name="header">Its header.</param>
    /// <param name="payload">Its payload. Not trusted.</param>
    public static string Describe(VhostUserHeader header, ReadOnlySpan<byte> payload)
    {
        VhostUserRequest request = (VhostUserRequest)header.Request;
        return $"{Name(request)}{Arguments(request, payload)}";
    }

    /// <summary>What was wrong, in a sentence.</summary>
    public static string Reason(VhostUserFault fault) => fault switch
    {
        VhostUserFault.BadVersion => "what came is no vhost-user message: its version is not 1",
        VhostUserFault.TooLong => "what came is no vhost-user message: its payload is too long",
        VhostUserFault.UnexpectedReply => "a reply came, to nothing that was asked",
        VhostUserFault.BadLength => "the payload is not as long as this request's",
        VhostUserFault.NotOffered => "it was not offered, or is not known",
        VhostUserFault.FeatureNotOffered => "a feature was taken that was not offered",
        VhostUserFault.NoSuchRing => "there is no ring of that number",
        VhostUserFault.RingRuns => "the device is in use: stop its rings first",
        VhostUserFault.BadRingSize => "the number of descriptors is no power of two up to 32768",
        VhostUserFault.BadRingAddress => "the ring is in no memory region, or its parts do not lie as the legacy layout has them",
        VhostUserFault.BadDescriptorCount => "there are more or fewer file descriptors than belong to it",
        VhostUserFault.BadRegion => "a memory region is empty, not made of whole pages, too large, or overlaps another",
        VhostUserFault.TooManyRegions => "there are more memory regions than can be",
        VhostUserFault.RegionNotMapped => "a memory region's file is too short, read-only, or no file",
        VhostUserFault.BadValue => "a value that it cannot have",
        VhostUserFault.MemoryShrank => "the memory that it shares became shorter while it was in use",
        VhostUserFault.DoesNotRead => "the front end does not read what is sent to it",
        VhostUserFault.PeerClosed => "the front end has closed it",
        VhostUserFault.SocketFailed => "the socket has failed",
        _ => fault.ToString(),
    };

    private static string Arguments(VhostUserRequest request, ReadOnlySpan<byte> payload)
    {
        switch (request)
        {
            case VhostUserRequest.SetMemTable when payload.Length >= 4:
                return $" {BinaryPrimitives.ReadUInt32LittleEndian(payload)}";
            case VhostUserRequest.SetVringAddr when payload.Length >= 40:
                ulong table = BinaryPrimitives.ReadUInt64LittleEndian(payload[8..]);
                return $" {BinaryPrimitives.ReadUInt32LittleEndian(payload)}" +
                    $" avail +0x{BinaryPrimitives.ReadUInt64LittleEndian(payload[24..]) - table:x}" +
                    $" used +0x{BinaryPrimitives.ReadUInt64LittleEndian(payload[16..]) - table:x}";
            case VhostUserRequest.SetVringKick or VhostUserRequest.SetVringCall or VhostUserRequest.SetVringErr when payload.Length == 8:
                ulong value = BinaryPrimitives.ReadUInt64LittleEndian(payload);
                return $" {value & 0xff}{((value & 0x100) != 0 ? " none" : "")}";
        }

        return payload.Length switch
        {
            8 when request is VhostUserRequest.SetFeatures or VhostUserRequest.SetProtocolFeatures or VhostUserRequest.SetStatus =>
                $" 0x{BinaryPrimitives.ReadUInt64LittleEndian(payload):x}",
            8 => $" {BinaryPrimitives.ReadUInt32LittleEndian(payload)} {BinaryPrimitives.ReadUInt32LittleEndian(payload[4..])}",
            _ => "",
        };
    }
}
