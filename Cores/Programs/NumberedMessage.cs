using System;
using System.Runtime.CompilerServices;
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
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Write(Span<byte> message, ulong number)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(message.Length, SizeBytesMin);
        ref byte at = ref MemoryMarshal.GetReference(message);
        nuint lengthBytes = (nuint)message.Length;
        nuint offset = 0;
        Vector256<ulong> words = s_ramp + Vector256.Create(number);
        for (; offset + 32 <= lengthBytes; offset += 32) // SAFETY: below the length, here and below
        {
            words.AsByte().StoreUnsafe(ref at, offset);
            words += Vector256.Create(unchecked(4 * Step));
        }

        if (lengthBytes - offset == 16) words.GetLower().AsByte().StoreUnsafe(ref at, offset);
        else if (offset != lengthBytes) WriteRest(message[(int)offset..], words);
    }

    /// <summary>Reads a message.</summary>
    /// <param name="message">All of it.</param>
    /// <param name="number">Its number.</param>
    /// <returns>False when it is none, or not whole.</returns>
    public static bool TryRead(ReadOnlySpan<byte> message, out ulong number)
    {
        number = message.Length < SizeBytesMin ? 0 : MemoryMarshal.Read<ulong>(message);
        return Is(message, number);
    }

    /// <summary>Compares a message with the one expected, to its last byte.</summary>
    /// <param name="message">All of it.</param>
    /// <param name="number">The number expected.</param>
    /// <returns>False when it is another one, or not whole.</returns>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static bool Is(ReadOnlySpan<byte> message, ulong number)
    {
        if (message.Length < SizeBytesMin) return false;
        ref byte at = ref MemoryMarshal.GetReference(message);
        nuint lengthBytes = (nuint)message.Length;
        nuint offset = 0;
        Vector256<ulong> words = s_ramp + Vector256.Create(number);
        Vector256<byte> differences = Vector256<byte>.Zero;
        for (; offset + 32 <= lengthBytes; offset += 32) // SAFETY: below the length, here and below
        {
            differences |= Vector256.LoadUnsafe(ref at, offset) ^ words.AsByte();
            words += Vector256.Create(unchecked(4 * Step));
        }

        if (lengthBytes - offset == 16)
        {
            Vector128<byte> last = Vector128.LoadUnsafe(ref at, offset) ^ words.GetLower().AsByte();
            return (differences.GetLower() | differences.GetUpper() | last) == Vector128<byte>.Zero;
        }

        return differences == Vector256<byte>.Zero && (offset == lengthBytes || IsRest(message[(int)offset..], words));
    }

    private static void WriteRest(Span<byte> rest, Vector256<ulong> words)
    {
        Span<byte> bytes = stackalloc byte[Vector256<byte>.Count];
        words.AsByte().CopyTo(bytes);
        bytes[..rest.Length].CopyTo(rest);
    }

    private static bool IsRest(ReadOnlySpan<byte> rest, Vector256<ulong> words)
    {
        Span<byte> bytes = stackalloc byte[Vector256<byte>.Count];
        words.AsByte().CopyTo(bytes);
        return rest.SequenceEqual(bytes[..rest.Length]);
    }
}
