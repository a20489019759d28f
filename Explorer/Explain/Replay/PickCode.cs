using System;
using System.Collections.Generic;

namespace RemoteprocEmu.Explorer.Explain.Replay;

/// <summary>The bytes of a row of picks: most are 0, so only the others are written, each with the zeros before it.</summary>
/// <remarks>
/// <code>
/// count, then for each pick that is not 0: zeros before it, pick - 1     each a varint: 7 bits a byte, low bits first, 0x80 = more follow
/// </code>
/// Zeros after the last are not written: the count tells.
/// </remarks>
internal static class PickCode
{
    /// <summary>Picks that a row may have; a longer one is no schedule of ours.</summary>
    public const int CountMax = 1_000_000;

    /// <summary>The largest pick.</summary>
    public const int PickMax = 65_535;

    private const int VarintBytesMax = 5;

    /// <summary>Adds the code of a row.</summary>
    public static void Write(List<byte> output, IReadOnlyList<int> picks)
    {
        WriteVarint(output, (uint)picks.Count);
        uint zeros = 0;
        foreach (int pick in picks)
        {
            if (pick == 0)
            {
                zeros++;
                continue;
            }

            WriteVarint(output, zeros);
            WriteVarint(output, (uint)(pick - 1));
            zeros = 0;
        }
    }

    /// <summary>Reads a row, which must be the rest of the bytes.</summary>
    /// <returns>Null when they are not the code of a row.</returns>
    public static int[]? TryRead(ReadOnlySpan<byte> bytes)
    {
        if (!TryReadVarint(ref bytes, out uint count) || count > CountMax) return null;
        int[] picks = new int[count];
        uint position = 0;
        while (!bytes.IsEmpty)
        {
            if (!TryReadVarint(ref bytes, out uint zeros) || !TryReadVarint(ref bytes, out uint value)) return null;
            if (zeros >= count - position || value >= PickMax) return null;
            position += zeros;
            picks[position++] = (int)value + 1;
        }

        return picks;
    }

    private static void WriteVarint(List<byte> output, uint value)
    {
        for (; value >= 0x80; value >>= 7) output.Add((byte)(value | 0x80));
        output.Add((byte)value);
    }

    private static bool TryReadVarint(ref ReadOnlySpan<byte> bytes, out uint value)
    {
        value = 0;
        for (int i = 0; i < VarintBytesMax && i < bytes.Length; i++)
        {
            value |= (uint)(bytes[i] & 0x7F) << (7 * i);
            if (bytes[i] >= 0x80) continue;
            bytes = bytes[(i + 1)..];
            return true;
        }

        return false;
    }
}
