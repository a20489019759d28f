using System;

namespace RemoteprocEmu.Platform.Memory;

/// <summary>An address as the remote processor sees it: the "da" of the kernel and of resource tables.</summary>
/// <param name="Value">The address. The kernel keeps 64 bits; a resource table carries the low 32.</param>
public readonly record struct DeviceAddress(ulong Value) : IComparable<DeviceAddress>
{
    /// <summary>FW_RSC_ADDR_ANY, 0xFFFFFFFF: "the host may choose", and in a running table "not published yet".</summary>
    /// <remarks>Source: include/linux/remoteproc.h, FW_RSC_ADDR_ANY.</remarks>
    public static readonly DeviceAddress Any = new(uint.MaxValue);

    /// <summary>Whether this is <see cref="Any"/>.</summary>
    public bool IsAny => Value == uint.MaxValue;

    /// <summary>The address <paramref name="bytes"/> further on; wraps at 64 bits, as C does.</summary>
    public static DeviceAddress operator +(DeviceAddress address, ulong bytes) => new(unchecked(address.Value + bytes));

    /// <inheritdoc/>
    public int CompareTo(DeviceAddress other) => Value.CompareTo(other.Value);

    /// <summary>Hexadecimal, as the kernel prints a da.</summary>
    public override string ToString() => IsAny ? "ANY" : $"0x{Value:x}";
}

/// <summary>An address on the SoC's bus, as the host and DMA see it: the "pa" (or "dma") of the kernel.</summary>
/// <param name="Value">The address, bytes.</param>
public readonly record struct PhysicalAddress(ulong Value) : IComparable<PhysicalAddress>
{
    /// <summary>The address <paramref name="bytes"/> further on; wraps at 64 bits, as C does.</summary>
    public static PhysicalAddress operator +(PhysicalAddress address, ulong bytes) => new(unchecked(address.Value + bytes));

    /// <inheritdoc/>
    public int CompareTo(PhysicalAddress other) => Value.CompareTo(other.Value);

    /// <summary>Hexadecimal.</summary>
    public override string ToString() => $"0x{Value:x}";
}
