using System;
using System.Buffers.Binary;

namespace RemoteprocEmu.Platform.Access;

/// <summary>A 16-bit field that is little-endian in shared memory, whatever the host is.</summary>
public readonly struct Le16(ushort value)
{
    private readonly ushort _raw = BitConverter.IsLittleEndian ? value : BinaryPrimitives.ReverseEndianness(value);

    /// <summary>The value in host order.</summary>
    public ushort Value => BitConverter.IsLittleEndian ? _raw : BinaryPrimitives.ReverseEndianness(_raw);
}

/// <summary>A 32-bit field that is little-endian in shared memory, whatever the host is.</summary>
public readonly struct Le32(uint value)
{
    private readonly uint _raw = BitConverter.IsLittleEndian ? value : BinaryPrimitives.ReverseEndianness(value);

    /// <summary>The value in host order.</summary>
    public uint Value => BitConverter.IsLittleEndian ? _raw : BinaryPrimitives.ReverseEndianness(_raw);
}

/// <summary>A 64-bit field that is little-endian in shared memory, whatever the host is.</summary>
public readonly struct Le64(ulong value)
{
    private readonly ulong _raw = BitConverter.IsLittleEndian ? value : BinaryPrimitives.ReverseEndianness(value);

    /// <summary>The value in host order.</summary>
    public ulong Value => BitConverter.IsLittleEndian ? _raw : BinaryPrimitives.ReverseEndianness(_raw);
}
