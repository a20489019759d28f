using System.Runtime.InteropServices;
using RemoteprocEmu.Platform.Access;

namespace RemoteprocEmu.Rpmsg.Wire;

/// <summary>The configuration space of virtio device 7, where <see cref="RpmsgFeatures.BufferSizes"/> is offered.</summary>
/// <remarks>
/// <code>
/// offset bytes field
///    0     1   Version       1; 0 is no configuration
///    1     2   SizeBytes     of this structure; 0 is no configuration
///    3     4   TxBufferBytes buffers that the remote sends with: the host receives into them
///    7     4   RxBufferBytes buffers that the remote receives: the host sends with them
/// </code>
/// Packed, little-endian. "tx" and "rx" are the remote's. Source: linux-remoteproc, "rpmsg: virtio: custom buffer sizes", v3, May 2026.
/// </remarks>
/// <param name="version">Layout version, 1.</param>
/// <param name="sizeBytes">Of the structure, as the remote claims.</param>
/// <param name="txBufferBytes">Size of a buffer that the remote sends with, header included, bytes.</param>
/// <param name="rxBufferBytes">Size of a buffer that the remote receives, header included, bytes.</param>
[StructLayout(LayoutKind.Explicit, Size = LengthBytes)]
public readonly struct RpmsgConfig(byte version, ushort sizeBytes, uint txBufferBytes, uint rxBufferBytes)
{
    /// <summary>Bytes in the configuration space.</summary>
    public const int LengthBytes = 11;

    [FieldOffset(0)] private readonly byte _version = version;
    [FieldOffset(1)] private readonly Le16 _size = new(sizeBytes);
    [FieldOffset(3)] private readonly Le32 _txBufferBytes = new(txBufferBytes);
    [FieldOffset(7)] private readonly Le32 _rxBufferBytes = new(rxBufferBytes);

    /// <summary>Layout version.</summary>
    public byte Version => _version;

    /// <summary>Size of the structure, as the remote claims, bytes.</summary>
    public int SizeBytes => _size.Value;

    /// <summary>Size of a buffer that the remote sends with, header included, bytes.</summary>
    public uint TxBufferBytes => _txBufferBytes.Value;

    /// <summary>Size of a buffer that the remote receives, header included, bytes.</summary>
    public uint RxBufferBytes => _rxBufferBytes.Value;

    /// <summary>Whether a driver can work with it: neither version nor size is 0, and each buffer has room for a header.</summary>
    public bool IsUsable =>
        Version != 0 && SizeBytes != 0 && TxBufferBytes >= RpmsgHeader.SizeBytes && RxBufferBytes >= RpmsgHeader.SizeBytes;
}
