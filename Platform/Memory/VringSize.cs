using System;

namespace RemoteprocEmu.Platform.Memory;

/// <summary>How many bytes a split ring takes in the legacy contiguous layout: the kernel's <c>vring_size</c>.</summary>
/// <remarks>
/// <code>
/// part              offset                                  bytes
/// descriptor table  0                                       16 * num
/// available ring    16 * num                                6 + 2 * num   (flags, idx, ring, used_event)
/// used ring         round up (18 * num + 6) to alignBytes   6 + 8 * num   (flags, idx, ring, avail_event)
/// </code>
/// The last part is not rounded up; remoteproc rounds the sum to a page. Both the loader's checks and the rings compute with this one
/// formula.
/// Source: include/uapi/linux/virtio_ring.h, vring_size.
/// </remarks>
public static class VringSize
{
    /// <summary>What remoteproc reserves a ring in multiples of: a page of 4096 bytes.</summary>
    public const uint PageBytes = 4096;

    /// <summary>Bytes of a ring, its last part not rounded. It fits 64 bits for every argument.</summary>
    /// <param name="num">Descriptors. A ring wants a power of two; the formula takes any number.</param>
    /// <param name="alignBytes">
    /// Alignment of the used ring, above 0. The kernel masks with <c>align - 1</c>, so what is no power of two is masked here in the
    /// same way.
    /// </param>
    public static ulong Bytes(uint num, uint alignBytes)
    {
        ArgumentOutOfRangeException.ThrowIfZero(alignBytes);
        ulong mask = alignBytes - 1ul;
        ulong driverPart = (16ul * num) + (2ul * (3ul + num));
        return ((driverPart + mask) & ~mask) + 6 + (8ul * num);
    }

    /// <summary>Bytes that remoteproc reserves for the ring: <see cref="Bytes"/> rounded up to whole pages.</summary>
    /// <param name="num">Descriptors.</param>
    /// <param name="alignBytes">Alignment of the used ring, above 0.</param>
    public static ulong ReservedBytes(uint num, uint alignBytes) =>
        (Bytes(num, alignBytes) + (PageBytes - 1)) & ~(ulong)(PageBytes - 1);
}
