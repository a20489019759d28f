using System;

namespace RemoteprocEmu.Rpmsg.Wire;

/// <summary>Where an endpoint is found, on one side of one vdev.</summary>
/// <param name="Value">0 to 1023 are for fixed services, from 1024 on they are given out; 0xFFFFFFFF is <see cref="Any"/>.</param>
/// <remarks>Source: Linux include/linux/rpmsg.h, RPMSG_ADDR_ANY; drivers/rpmsg/virtio_rpmsg_bus.c, RPMSG_RESERVED_ADDRESSES.</remarks>
public readonly record struct RpmsgAddress(uint Value) : IComparable<RpmsgAddress>
{
    /// <summary>RPMSG_ADDR_ANY: "choose one" for a source, "not bound yet" for a destination. Never in a message.</summary>
    public static readonly RpmsgAddress Any = new(uint.MaxValue);

    /// <summary>RPMSG_NS_ADDR, 53: where channels are announced, on both sides.</summary>
    public static readonly RpmsgAddress NameService = new(53);

    /// <summary>RPMSG_RESERVED_ADDRESSES, 1024: the first address that is given out.</summary>
    public static readonly RpmsgAddress FirstDynamic = new(1024);

    /// <summary>Whether this is <see cref="Any"/>.</summary>
    public bool IsAny => Value == uint.MaxValue;

    /// <inheritdoc/>
    public int CompareTo(RpmsgAddress other) => Value.CompareTo(other.Value);

    /// <summary>As the kernel log prints it: <c>0x400</c>.</summary>
    public override string ToString() => $"0x{Value:x}";
}
