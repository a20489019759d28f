using System.Buffers.Binary;
using System.Runtime.InteropServices;
using RemoteprocEmu.Platform.Access;

namespace RemoteprocEmu.Rpmsg.Wire;

/// <summary>The payload of a message to <see cref="RpmsgAddress.NameService"/>: a channel that is there, or is gone.</summary>
/// <remarks>
/// <code>
/// offset bytes field
///    0    32   Name     service name, NUL-padded; the receiver takes byte 31 for NUL
///   32     4   Address  address of the announced endpoint, on the sender's side
///   36     4   Flags    0 create; bit 0 set: destroy
/// </code>
/// Byte order as in <see cref="RpmsgHeader"/>. Source: Linux include/linux/rpmsg/ns.h, struct rpmsg_ns_msg.
/// </remarks>
/// <param name="name">Service name.</param>
/// <param name="address">Address of the announced endpoint, on the sender's side.</param>
/// <param name="flags">Create or destroy.</param>
[StructLayout(LayoutKind.Explicit, Size = SizeBytes)]
public readonly struct NameServiceMessage(RpmsgName name, RpmsgAddress address, NameServiceFlags flags)
{
    /// <summary>Bytes on the wire.</summary>
    public const int SizeBytes = 40;

    [FieldOffset(0)] private readonly RpmsgName _name = name;
    [FieldOffset(32)] private readonly Le32 _address = new(address.Value);
    [FieldOffset(36)] private readonly Le32 _flags = new((uint)flags);

    /// <summary>Service name.</summary>
    public RpmsgName Name => _name;

    /// <summary>Address of the announced endpoint, on the sender's side.</summary>
    public RpmsgAddress Address => new(_address.Value);

    /// <summary>As sent; only <see cref="NameServiceFlags.Destroy"/> means something.</summary>
    public NameServiceFlags Flags => (NameServiceFlags)_flags.Value;

    /// <summary>Whether the channel is gone.</summary>
    public bool IsDestroy => (Flags & NameServiceFlags.Destroy) != 0;

    /// <summary>The same message in the other byte order.</summary>
    public NameServiceMessage ReverseBytes() => new(
        _name,
        new RpmsgAddress(BinaryPrimitives.ReverseEndianness(_address.Value)),
        (NameServiceFlags)BinaryPrimitives.ReverseEndianness(_flags.Value));
}
