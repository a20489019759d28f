using System;
using System.Buffers.Binary;

namespace RemoteprocEmu.Board.Tests.Soak;

/// <summary>The n-th message of an endpoint: length and bytes follow from both, so that any other is told from it.</summary>
/// <remarks>
/// <code>
/// offset bytes field
///    0     4   number     n, where the message is long enough
///    4     4   checksum   of what follows, where the message is long enough
///    8   .. 496           words that follow from endpoint and n
/// </code>
/// </remarks>
internal static class SoakMessage
{
    private const int BytesMax = 496;

    public static int LengthBytes(int endpoint, long number) => (int)(Mix(endpoint, number) % (BytesMax + 1));

    public static int Write(int endpoint, long number, Span<byte> payload)
    {
        payload = payload[..LengthBytes(endpoint, number)];
        ulong word = Mix(endpoint, number);
        uint checksum = 0;
        for (int at = 8; at < payload.Length; at++)
        {
            word = (word * 6364136223846793005) + 1442695040888963407;
            payload[at] = (byte)(word >> 56);
            checksum = (checksum * 31) + payload[at];
        }

        Span<byte> head = stackalloc byte[8];
        BinaryPrimitives.WriteUInt32LittleEndian(head, (uint)number);
        BinaryPrimitives.WriteUInt32LittleEndian(head[4..], checksum);
        head[..Math.Min(8, payload.Length)].CopyTo(payload);
        return payload.Length;
    }

    private static ulong Mix(int endpoint, long number)
    {
        ulong word = ((ulong)endpoint << 40) ^ (ulong)number;
        word = (word ^ (word >> 33)) * 0xFF51AFD7ED558CCD;
        word = (word ^ (word >> 33)) * 0xC4CEB9FE1A85EC53;
        return word ^ (word >> 33);
    }
}
