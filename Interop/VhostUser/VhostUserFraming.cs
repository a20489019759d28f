using System;
using System.Buffers;

namespace RemoteprocEmu.Interop.VhostUser;

/// <summary>Where one message ends and the next begins.</summary>
public static class VhostUserFraming
{
    /// <summary>Looks for a whole message at the beginning of a buffer.</summary>
    /// <param name="buffer">What has come. Not trusted.</param>
    /// <param name="header">Its header; default unless Ok or what is judged by it.</param>
    /// <param name="payload">Its payload, in the buffer; empty unless Ok.</param>
    /// <param name="wantedBytes">Incomplete: what is missing of the header, or of the payload; never any of the next message.</param>
    /// <returns>Ok; Incomplete; BadVersion or TooLong, after which there is no telling what follows.</returns>
    public static VhostUserFault TryRead(ReadOnlySequence<byte> buffer, out VhostUserHeader header, out ReadOnlySequence<byte> payload,
        out int wantedBytes)
    {
        header = default;
        payload = default;
        wantedBytes = VhostUserHeader.SizeBytes - (int)Math.Min(buffer.Length, VhostUserHeader.SizeBytes);
        if (wantedBytes > 0) return VhostUserFault.Incomplete;
        Span<byte> bytes = stackalloc byte[VhostUserHeader.SizeBytes];
        buffer.Slice(0, VhostUserHeader.SizeBytes).CopyTo(bytes);
        header = VhostUserHeader.Read(bytes);
        if ((header.Flags & VhostUserHeader.VersionMask) != VhostUserHeader.Version) return VhostUserFault.BadVersion;
        if (header.PayloadBytes > VhostUserHeader.PayloadBytesMax) return VhostUserFault.TooLong;
        ReadOnlySequence<byte> rest = buffer.Slice(VhostUserHeader.SizeBytes);
        wantedBytes = (int)(header.PayloadBytes - Math.Min(rest.Length, header.PayloadBytes));
        if (wantedBytes > 0) return VhostUserFault.Incomplete;
        payload = rest.Slice(0, header.PayloadBytes);
        return VhostUserFault.None;
    }
}
