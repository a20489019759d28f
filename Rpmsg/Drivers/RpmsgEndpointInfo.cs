using System;
using System.Runtime.InteropServices;
using RemoteprocEmu.Platform.Access;
using RemoteprocEmu.Rpmsg.Bus;
using RemoteprocEmu.Rpmsg.Wire;

namespace RemoteprocEmu.Rpmsg.Drivers;

/// <summary>What a control node's commands are about.</summary>
/// <remarks>
/// <code>
/// offset bytes field
///    0    32   Name         of the service; byte 31 counts as NUL
///   32     4   Source       our side; 0xFFFFFFFF for "choose one"
///   36     4   Destination  the remote's side; 0xFFFFFFFF for none
/// </code>
/// Source: Linux include/uapi/linux/rpmsg.h, struct rpmsg_endpoint_info.
/// </remarks>
/// <param name="name">The service.</param>
/// <param name="source">Our side.</param>
/// <param name="destination">The remote's side.</param>
[StructLayout(LayoutKind.Explicit, Size = SizeBytes)]
public readonly struct RpmsgEndpointInfo(RpmsgName name, RpmsgAddress source, RpmsgAddress destination)
{
    /// <summary>Bytes that a command points at.</summary>
    public const int SizeBytes = 40;

    [FieldOffset(0)] private readonly RpmsgName _name = name;
    [FieldOffset(32)] private readonly Le32 _source = new(source.Value);
    [FieldOffset(36)] private readonly Le32 _destination = new(destination.Value);

    /// <summary>Makes one of a service name of up to 31 characters.</summary>
    public RpmsgEndpointInfo(string name, RpmsgAddress source, RpmsgAddress destination) : this(new RpmsgName(name), source, destination)
    {
    }

    /// <summary>What it names.</summary>
    public RpmsgChannelInfo Channel => new(_name.ToString(), new RpmsgAddress(_source.Value), new RpmsgAddress(_destination.Value));

    /// <summary>Its bytes, as a program hands them to ioctl(2).</summary>
    public byte[] ToArray()
    {
        byte[] bytes = new byte[SizeBytes];
        MemoryMarshal.Write(bytes, in this);
        return bytes;
    }

    /// <summary>Reads one.</summary>
    /// <returns>False when the bytes are too few: EFAULT.</returns>
    public static bool TryRead(ReadOnlySpan<byte> bytes, out RpmsgEndpointInfo info) => MemoryMarshal.TryRead(bytes, out info);
}
