using System;
using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;
using System.Text;

namespace RemoteprocEmu.Rpmsg.Wire;

/// <summary>A service name on the wire: 32 bytes, up to the first NUL. The last byte counts as NUL, whatever it is.</summary>
/// <remarks>
/// Each byte is one character (Latin-1), so that a hostile name is kept as it came. Bytes behind the NUL are whatever the sender had on its
/// stack, and count for nothing. Source: Linux drivers/rpmsg/rpmsg_ns.c, rpmsg_ns_cb; include/linux/mod_devicetable.h, RPMSG_NAME_SIZE.
/// </remarks>
[InlineArray(RpmsgLimits.NameBytes)]
public struct RpmsgName
{
    private byte _first;

    /// <summary>Encodes a name; the rest is filled with NUL.</summary>
    /// <exception cref="ArgumentException">It has more than 31 characters, or one that is no single byte.</exception>
    public RpmsgName(string name)
    {
        Check(name);
        _ = Encoding.Latin1.GetBytes(name, this); // as many bytes as characters
    }

    /// <summary>Judges a name of our own side.</summary>
    /// <exception cref="ArgumentException">It has more than 31 characters, or one that is no single byte.</exception>
    public static void Check(string name)
    {
        ArgumentNullException.ThrowIfNull(name);
        if (name.Length >= RpmsgLimits.NameBytes) throw new ArgumentException($"\"{name}\" is longer than 31 bytes", nameof(name));
        if (name.AsSpan().ContainsAnyExceptInRange('\x01', '\xff'))
            throw new ArgumentException($"\"{name}\" is not made of single bytes", nameof(name));
    }

    /// <summary>The name, 0 to 31 characters.</summary>
    public override readonly string ToString() => Encoding.Latin1.GetString(Text());

    /// <summary>Whether it is <paramref name="name"/>; allocates nothing.</summary>
    public readonly bool Is(string name)
    {
        ReadOnlySpan<byte> text = Text();
        if (text.Length != name.Length) return false;
        for (int i = 0; i < text.Length; i++)
        {
            if (text[i] != name[i]) return false;
        }

        return true;
    }

    [UnscopedRef]
    private readonly ReadOnlySpan<byte> Text()
    {
        ReadOnlySpan<byte> bytes = ((ReadOnlySpan<byte>)this)[..(RpmsgLimits.NameBytes - 1)];
        int end = bytes.IndexOf((byte)0);
        return end < 0 ? bytes : bytes[..end];
    }
}
