using System;
using RemoteprocEmu.Platform;
using RemoteprocEmu.Rpmsg.Wire;

namespace RemoteprocEmu.Rpmsg.VirtioBackend;

/// <summary>How many message buffers a vdev has, and how large they are.</summary>
/// <param name="RxCount">Buffers that the remote sends with.</param>
/// <param name="RxBytes">Size of each, header included, bytes.</param>
/// <param name="TxCount">Buffers that the host sends with.</param>
/// <param name="TxBytes">Size of each, header included, bytes.</param>
internal readonly record struct BufferPlan(int RxCount, int RxBytes, int TxCount, int TxBytes)
{
    private const int CountEachMax = RpmsgLimits.BufferCountMax / 2;

    /// <summary>Bytes of all of them together.</summary>
    public long TotalBytes => ((long)RxCount * RxBytes) + ((long)TxCount * TxBytes);

    /// <summary>The longest payload that the host can send: the header's length field has 16 bits.</summary>
    public int MtuBytes => Math.Min(TxBytes - RpmsgHeader.SizeBytes, ushort.MaxValue);

    /// <summary>As every kernel does it: 512 bytes each, and the receiving ring alone says how many.</summary>
    public static BufferPlan Of(int receiveRingSize)
    {
        int countEach = Math.Min(receiveRingSize, CountEachMax);
        return new BufferPlan(countEach, RpmsgLimits.BufferBytes, countEach, RpmsgLimits.BufferBytes);
    }

    /// <summary>As under <see cref="RpmsgFeatures.BufferSizes"/>: the remote says how large, each ring how many.</summary>
    /// <returns>Ok; EINVAL for a configuration that is not usable; ENOMEM for buffers beyond all memory.</returns>
    public static Errno TryMake(int receiveRingSize, int sendRingSize, in RpmsgConfig config, out BufferPlan plan)
    {
        plan = default;
        if (!config.IsUsable) return Errno.EINVAL;
        if (config.TxBufferBytes > int.MaxValue || config.RxBufferBytes > int.MaxValue) return Errno.ENOMEM;
        plan = new BufferPlan(
            Math.Min(receiveRingSize, CountEachMax), (int)config.TxBufferBytes,
            Math.Min(sendRingSize, CountEachMax), (int)config.RxBufferBytes);
        return plan.TotalBytes > int.MaxValue ? Errno.ENOMEM : Errno.Ok;
    }
}
