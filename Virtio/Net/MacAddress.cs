using System;

namespace RemoteprocEmu.Virtio.Net;

/// <summary>An Ethernet address.</summary>
/// <param name="Value">Its six bytes, the first one highest.</param>
public readonly record struct MacAddress(ulong Value)
{
    /// <summary>Bytes on the wire.</summary>
    public const int SizeBytes = 6;

    /// <summary>Everybody.</summary>
    public static MacAddress Broadcast => new(0xffff_ffff_ffff);

    /// <summary>Whether an interface may have it: not for a group, and not zero. Kernel: is_valid_ether_addr.</summary>
    public bool IsValid => Value != 0 && (Value >> 40 & 1) == 0;

    /// <summary>Reads one from its first six bytes.</summary>
    public static MacAddress Read(ReadOnlySpan<byte> bytes)
    {
        ulong value = 0;
        foreach (byte part in bytes[..SizeBytes]) value = value << 8 | part;
        return new MacAddress(value);
    }

    /// <summary>Writes it into the first six bytes.</summary>
    public void Write(Span<byte> bytes)
    {
        for (int i = 0; i < SizeBytes; i++) bytes[i] = (byte)(Value >> (40 - (8 * i)));
    }

    /// <summary>As <c>02:00:00:00:00:01</c>.</summary>
    public override string ToString()
    {
        Span<byte> bytes = stackalloc byte[SizeBytes];
        Write(bytes);
        return $"{bytes[0]:x2}:{bytes[1]:x2}:{bytes[2]:x2}:{bytes[3]:x2}:{bytes[4]:x2}:{bytes[5]:x2}";
    }
}
