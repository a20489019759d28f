using System;
using System.Threading.Tasks;
using RemoteprocEmu.Platform;
using RemoteprocEmu.Platform.Memory;
using RemoteprocEmu.Platform.Tasks;
using RemoteprocEmu.Remoteproc.Resources;
using RemoteprocEmu.Virtio.Device;

namespace RemoteprocEmu.Remoteproc.Vdevs;

/// <summary>One vring of a vdev: its geometry from the table, its notifyid, and the carveout that holds it.</summary>
/// <remarks>
/// Its memory lives from before the start to after the stop, whoever uses it meanwhile; up to v4.9 as long as its queue
/// (<see cref="Eras.VringLife"/>). Source: include/linux/remoteproc.h, struct rproc_vring.
/// </remarks>
public sealed class RprocVring
{
    private static readonly NameSeries[] s_names = [new("vdev", "vring0"), new("vdev", "vring1")];

    private static readonly NameSeries s_availRings = new("avail ring at ", "");
    private static readonly NameSeries s_usedRings = new("used ring at ", "");

    private readonly SharedState _shared;

    internal RprocVring(RprocVdev vdev, int index, uint num, uint alignBytes)
    {
        Vdev = vdev;
        Index = index;
        Num = num;
        AlignBytes = alignBytes;
        CarveoutName = s_names[index][vdev.Index];
        _shared = SharedState.Of(vdev.Kernel.Scheduler, CarveoutName);
    }

    /// <summary>Its vdev.</summary>
    public RprocVdev Vdev { get; }

    /// <summary>Its place in the vdev: 0 or 1.</summary>
    public int Index { get; }

    /// <summary>Descriptors; above 0, otherwise not judged: the kernel's remoteproc does not either.</summary>
    public uint Num { get; }

    /// <summary>Alignment of its used ring, bytes; above 0.</summary>
    public uint AlignBytes { get; }

    /// <summary>The carveout that holds it: <c>vdev0vring0</c>.</summary>
    public string CarveoutName { get; }

    /// <summary>Its notifyid; -1 while it has none.</summary>
    public int NotifyId { get; internal set; } = -1;

    /// <summary>The queue that a driver has made on it; null while none has.</summary>
    public Virtqueue? Queue
    {
        get
        {
            _shared.Read();
            return field;
        }
        internal set
        {
            _shared.Write();
            field = value;
        }
    }

    /// <summary>What holds it; null or without memory before that is allocated.</summary>
    public Carveout? Carveout => OwnMemory ?? Vdev.Rproc.Carveouts.Find(CarveoutName);

    /// <summary>Memory that lives as long as the queue and is no carveout of the processor. Kernel: rvring->va up to v4.9.</summary>
    internal Carveout? OwnMemory { get; set; }

    /// <summary>Where it is published: what the firmware reads in the table now.</summary>
    public DeviceAddress PublishedAddress => Vdev.PublishedVringAddress(Index);

    /// <summary>Clears what it takes of its carveout, which may be larger. Without memory, nothing.</summary>
    internal void Clear()
    {
        if (Carveout is not { IsAllocated: true } carveout) return;
        SharedState.Of(Vdev.Kernel.Scheduler, s_availRings[carveout.DeviceAddress]).Write(); // as the remote calls them
        SharedState.Of(Vdev.Kernel.Scheduler, s_usedRings[carveout.DeviceAddress]).Write();
        carveout.Memory.Span[..(int)Math.Min((ulong)carveout.Memory.Length, VringSize.ReservedBytes(Num, AlignBytes))].Clear();
    }

    /// <summary>Kernel: vring_interrupt on the queue, if a driver has made one.</summary>
    internal ValueTask<IrqReturn> InterruptAsync() => Queue?.InterruptAsync() ?? new ValueTask<IrqReturn>(IrqReturn.None);
}
