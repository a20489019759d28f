using System;

namespace RemoteprocEmu.Explorer.Explain.Replay;

/// <summary>The checksum at a token's end. Source: IEEE 802.3, 3.2.9, the reflected form 0xEDB88320.</summary>
internal static class Crc32
{
    private const uint Polynomial = 0xEDB8_8320;

    public static uint Of(ReadOnlySpan<byte> bytes)
    {
        uint crc = uint.MaxValue;
        foreach (byte value in bytes)
        {
            crc ^= value;
            for (int bit = 0; bit < 8; bit++) crc = (crc >> 1) ^ (Polynomial & (0 - (crc & 1)));
        }

        return ~crc;
    }
}
