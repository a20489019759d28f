using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using RemoteprocEmu.Platform.Access;

namespace RemoteprocEmu.Virtio.Ring;

/// <summary>One entry of the used ring: a chain that the device gives back.</summary>
/// <remarks>
/// <code>
/// offset bytes field
///    0     4   Id      head of the chain
///    4     4   Length  bytes written from the start of the chain's writable part
/// </code>
/// The device writes it before it publishes; the driver copies it after, and uses only the copy.
/// Source: VIRTIO 1.3, 2.7.8; Linux include/uapi/linux/virtio_ring.h, struct vring_used_elem.
/// </remarks>
/// <param name="id">Head of the chain.</param>
/// <param name="writtenBytes">Bytes written from the start of the chain's writable part.</param>
[StructLayout(LayoutKind.Explicit, Size = SizeBytes)]
public readonly struct VringUsedElement(uint id, uint writtenBytes)
{
    /// <summary>Bytes of one entry on the wire.</summary>
    public const int SizeBytes = 8;

    // One word, so that an entry is made, compared and copied in one register.
    [FieldOffset(0)] private readonly Le64 _word = new(id | ((ulong)writtenBytes << 32));

    /// <summary>Head of the returned chain, as the device wrote it: not yet checked.</summary>
    public uint Id => (uint)_word.Value;

    /// <summary>Bytes written, as the device claims: not yet checked. OpenAMP claims the whole buffer, written or not.</summary>
    public uint WrittenBytes => (uint)(_word.Value >> 32);

    /// <summary>Whether every bit is the same.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal bool Is(in VringUsedElement other) => _word.Value == other._word.Value;
}
