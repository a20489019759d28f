using System.Runtime.CompilerServices;
using RemoteprocEmu.Platform.Memory;

namespace RemoteprocEmu.Rpmsg.Wire;

/// <summary>What the batches of both sides do to a message's memory.</summary>
internal static class BatchMemory
{
    /// <summary>Payloads above this are fetched ahead, bytes: two cache lines and less gain nothing.</summary>
    public const int LargeBytes = 112;

    /// <summary>How many buffers ahead: the time of a few messages hides the way of a line.</summary>
    public const int Ahead = 3;

    /// <summary>Writes the header of a message.</summary>
    /// <param name="start">The buffer, which has room for one.</param>
    /// <param name="header">Addresses, in the byte order of the wire.</param>
    /// <param name="lengthBytes">Of the payload, in the byte order of the wire.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void WriteHeader(nint start, in RpmsgHeader header, ushort lengthBytes) =>
        HostBytes.RefAt<RpmsgHeader>(start) = header.WithLength(lengthBytes);
}
