using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace RemoteprocEmu.Board.Bench.Lanes;

/// <summary>What messages consist of: each byte follows from the message's number and from its place in the message.</summary>
/// <remarks>
/// Word i of message n is n + i * <see cref="Step"/>, 64 bits each. A message that is lost, doubled, overtaken, torn or shifted differs
/// from the one expected in at least one word, and every word is compared. Sizes are multiples of 16 bytes.
/// </remarks>
internal static class Payload
{
    /// <summary>Sizes are multiples of it, bytes.</summary>
    public const int Granule = 16;

    private const ulong Step = 0x9E37_79B9_7F4A_7C15;

    private static readonly Vector256<ulong> s_ramp = Vector256.Create(0UL, Step, unchecked(2 * Step), unchecked(3 * Step));

    /// <summary>Writes a message.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Write(ref byte at, int lengthBytes, ulong number)
    {
        Vector256<ulong> words = s_ramp + Vector256.Create(number);
        nuint offset = 0;
        for (; offset + 32 <= (nuint)lengthBytes; offset += 32)
        {
            words.AsByte().StoreUnsafe(ref at, offset);
            words += Vector256.Create(unchecked(4 * Step));
        }

        if (offset < (nuint)lengthBytes) words.GetLower().AsByte().StoreUnsafe(ref at, offset);
    }

    /// <summary>Compares a message with the one expected.</summary>
    /// <returns>Whether it is that one, to its last byte.</returns>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static bool Is(ref byte at, int lengthBytes, ulong number)
    {
        Vector256<ulong> words = s_ramp + Vector256.Create(number);
        Vector256<byte> differences = Vector256<byte>.Zero;
        nuint offset = 0;
        for (; offset + 32 <= (nuint)lengthBytes; offset += 32)
        {
            differences |= Vector256.LoadUnsafe(ref at, offset) ^ words.AsByte();
            words += Vector256.Create(unchecked(4 * Step));
        }

        if (offset < (nuint)lengthBytes)
        {
            Vector128<byte> tail = Vector128.LoadUnsafe(ref at, offset) ^ words.GetLower().AsByte();
            return (differences.GetLower() | differences.GetUpper() | tail) == Vector128<byte>.Zero;
        }

        return differences == Vector256<byte>.Zero;
    }

    /// <summary>A message is not the one expected.</summary>
    /// <exception cref="BenchFailureException">Always.</exception>
    [DoesNotReturn]
    public static void ThrowWrong(ulong number) => throw new BenchFailureException($"message {number} is lost, doubled or altered");
}
