using System;
using System.Runtime.CompilerServices;
using System.Text;

namespace RemoteprocEmu.Firmware.ResourceTable;

/// <summary>The 32-byte name of a carveout, devmem or trace entry.</summary>
/// <remarks>
/// The format does not promise a NUL; the kernel's own copies hold 31 bytes and one. Names are bytes from a stranger: never a format
/// string, never printed raw. Source: include/linux/rsc_table.h, fw_rsc_carveout.name.
/// </remarks>
[InlineArray(SizeBytes)]
public struct ResourceName : IEquatable<ResourceName>
{
    /// <summary>Bytes on the wire.</summary>
    public const int SizeBytes = 32;

    /// <summary>Bytes of a name that the kernel can keep, its NUL excluded.</summary>
    public const int UsableBytes = 31;

    private byte _first;

    /// <summary>Copies the first 32 bytes.</summary>
    public static ResourceName Read(ReadOnlySpan<byte> bytes)
    {
        ResourceName name = default;
        bytes[..SizeBytes].CopyTo(name);
        return name;
    }

    /// <summary>Makes a name of a text: one byte a character, NUL-padded.</summary>
    /// <param name="text">At most 32 characters below 256; 32 leave no room for a NUL.</param>
    public static ResourceName From(string text)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(text.Length, SizeBytes, nameof(text));
        ResourceName name = default;
        _ = Encoding.Latin1.GetBytes(text, name); // the count is the text's length
        return name;
    }

    /// <summary>Whether a NUL ends the name within its 32 bytes.</summary>
    public readonly bool IsTerminated => ((ReadOnlySpan<byte>)this).Contains((byte)0);

    /// <summary>Bytes before the NUL; 32 when there is none.</summary>
    public readonly int LengthBytes
    {
        get
        {
            int length = ((ReadOnlySpan<byte>)this).IndexOf((byte)0);
            return length < 0 ? SizeBytes : length;
        }
    }

    /// <summary>Copies all 32 bytes out.</summary>
    public readonly void CopyTo(Span<byte> bytes) => ((ReadOnlySpan<byte>)this).CopyTo(bytes);

    /// <summary>Whether the kernel takes both for the same name: equal up to the NUL, or in the first 31 bytes.</summary>
    public readonly bool SameForKernel(ResourceName other)
    {
        int length = Math.Min(LengthBytes, UsableBytes);
        return length == Math.Min(other.LengthBytes, UsableBytes) &&
            ((ReadOnlySpan<byte>)this)[..length].SequenceEqual(((ReadOnlySpan<byte>)other)[..length]);
    }

    /// <summary>Equal in all 32 bytes.</summary>
    public readonly bool Equals(ResourceName other) => ((ReadOnlySpan<byte>)this).SequenceEqual(other);

    /// <inheritdoc/>
    public override readonly bool Equals(object? obj) => obj is ResourceName other && Equals(other);

    /// <inheritdoc/>
    public override readonly int GetHashCode()
    {
        HashCode hash = default;
        hash.AddBytes(this);
        return hash.ToHashCode();
    }

    /// <summary>Equal in all 32 bytes.</summary>
    public static bool operator ==(ResourceName left, ResourceName right) => left.Equals(right);

    /// <summary>Different in some byte.</summary>
    public static bool operator !=(ResourceName left, ResourceName right) => !left.Equals(right);

    /// <summary>The name up to its NUL, safe to print: bytes outside printable ASCII as <c>\xNN</c>.</summary>
    public override readonly string ToString()
    {
        StringBuilder text = new(SizeBytes);
        foreach (byte value in ((ReadOnlySpan<byte>)this)[..LengthBytes])
        {
            _ = value is >= 0x20 and < 0x7F and not (byte)'\\' ? text.Append((char)value)
                : text.Append($"\\x{value:x2}"); // a builder returns itself
        }

        return text.ToString();
    }
}
