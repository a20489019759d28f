using System;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace RemoteprocEmu.Cores.Programs;

/// <summary>A message that consists of its number, so that who receives it sees whether it is whole, and which one it is.</summary>
/// <remarks>
/// Word i of message n is n + i * 0x9E3779B97F4A7C15, 64 bits, little-endian; the last word may be cut off. A message that is torn, shifted
/// or altered in one bit differs from every message in at least one word.
/// </remarks>
public static class NumberedMessage
{
    /// <summary>The shortest there is, bytes: its number alone would match any.</summary>
    public const int SizeBytesMin = 16;

    private const ulong Step = 0x9E37_79B9_7F4A_7C15;

    private static readonly Vector256<ulong> s_ramp = Vector256.Create(0UL, Step, unchecked(2 * Step), unchecked(3 * Step));

    /// <summary>Writes a message.</summary>
    /// <param name="message">All of it; <see cref="SizeBytesMin"/> or more.</param>
    /// <param name="number">Its number.</param>
    public static void Write(Span<byte> message, ulong number)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(message.Length, SizeBytesMin);
        Vector256<ulong> words = s_ramp + Vector256.Create(number);
        for (; message.Length >= Vector256<byte>.Count; message = message[Vector256<byte>.Count..])
        {
            words.AsByte().CopyTo(message);
            words += Vector256.Create(unchecked(4 * Step));
        }

        Span<byte> rest = stackalloc byte[Vector256<byte>.Count];
        words.AsByte().CopyTo(rest);
        rest[..message.Length].CopyTo(message);
    }

    /// <summary>Reads a message.</summary>
    /// <param name="message">All of it.</param>
    /// <param name="number">Its number.</param>
    /// <returns>False when it is none, or not whole.</returns>
    public static bool TryRead(ReadOnlySpan<byte> message, out ulong number)
    {
        number = 0;
        if (message.Length < SizeBytesMin) return false;
        number = MemoryMarshal.Read<ulong>(message);
        Vector256<ulong> words = s_ramp + Vector256.Create(number);
        Vector256<byte> differences = Vector256<byte>.Zero;
        for (; message.Length >= Vector256<byte>.Count; message = message[Vector256<byte>.Count..])
        {
            differences |= Vector256.Create(message) ^ words.AsByte();
            words += Vector256.Create(unchecked(4 * Step));
        }

        Span<byte> rest = stackalloc byte[Vector256<byte>.Count];
        words.AsByte().CopyTo(rest);
        return differences == Vector256<byte>.Zero && message.SequenceEqual(rest[..message.Length]);
    }
}
