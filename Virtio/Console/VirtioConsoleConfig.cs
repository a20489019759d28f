using System;
using System.Buffers.Binary;

namespace RemoteprocEmu.Virtio.Console;

/// <summary>The configuration space of a console device.</summary>
/// <remarks>
/// <code>
/// offset bytes field
///    0     2   cols          with SIZE
///    2     2   rows          with SIZE
///    4     4   max_nr_ports  with MULTIPORT
/// </code>
/// Source: VIRTIO 1.3, 5.3.4; include/uapi/linux/virtio_console.h, struct virtio_console_config.
/// </remarks>
public static class VirtioConsoleConfig
{
    /// <summary>Offset of cols; rows follows.</summary>
    public const int SizeOffset = 0;

    /// <summary>Offset of max_nr_ports.</summary>
    public const int PortCountOffset = 4;

    /// <summary>Bytes of all of it.</summary>
    public const int SizeBytes = 8;

    /// <summary>Makes one.</summary>
    /// <param name="columns">Of the screen.</param>
    /// <param name="rows">Of the screen.</param>
    /// <param name="portCount">Ports, with MULTIPORT.</param>
    public static byte[] Create(ushort columns, ushort rows, uint portCount = 1)
    {
        byte[] config = new byte[SizeBytes];
        BinaryPrimitives.WriteUInt16LittleEndian(config, columns);
        BinaryPrimitives.WriteUInt16LittleEndian(config.AsSpan(2), rows);
        BinaryPrimitives.WriteUInt32LittleEndian(config.AsSpan(PortCountOffset), portCount);
        return config;
    }
}
