using System.Collections.Generic;
using System.Threading.Tasks;
using RemoteprocEmu.DriverModel.Devices;
using RemoteprocEmu.Firmware.ResourceTable;
using RemoteprocEmu.Platform;
using RemoteprocEmu.Platform.Memory;
using RemoteprocEmu.Remoteproc.Eras;
using RemoteprocEmu.Remoteproc.Resources;
using RemoteprocEmu.Virtio.Device;

namespace RemoteprocEmu.Remoteproc.Vdevs;

/// <summary>A vdev of a processor: an entry of its table, its vrings, and, while the processor is up, a virtio device.</summary>
/// <remarks>
/// Life: registered while the table is handled, with its vrings; given memory with the other carveouts; starts and stops with the
/// processor as
/// a subdevice; removed in the resource clean-up.
/// Source: remoteproc_virtio.c (v6.12), rproc_virtio_probe, rproc_virtio_remove; 1d7b61c06dc3 (v6.1) made it a device of its own.
/// </remarks>
public sealed class RprocVdev : Device
{
    private readonly int _platformId;
    private readonly VdevSubdevice _subdevice;
    private readonly RprocVring[] _vrings;

    private RprocVdev(Rproc rproc, int platformId, int payloadOffset, int index, in VdevEntry entry, VdevVring[] vrings)
        : base(rproc.Kernel, $"rproc-virtio.{platformId}.auto", rproc, className: "rproc-virtio")
    {
        _platformId = platformId;
        Rproc = rproc;
        PayloadOffset = payloadOffset;
        Index = index;
        DeviceId = entry.Id;
        _vrings = new RprocVring[vrings.Length];
        for (int i = 0; i < vrings.Length; i++) _vrings[i] = new RprocVring(this, i, vrings[i].Num, vrings[i].AlignBytes);
        Dma = new VdevDmaMemory(this);
        Transport = new RprocVirtioTransport(this);
        _subdevice = new VdevSubdevice(this);
    }

    /// <summary>Its processor.</summary>
    public Rproc Rproc { get; }

    /// <summary>Its place among the vdevs of the table.</summary>
    public int Index { get; }

    /// <summary>The virtio device id: 7 for rpmsg, 1 for net, any other that a driver knows.</summary>
    public uint DeviceId { get; }

    /// <summary>Where its entry's payload is in the table. Kernel: rsc_offset.</summary>
    public int PayloadOffset { get; }

    /// <summary>Its vrings: none, one or two.</summary>
    public IReadOnlyList<RprocVring> Vrings => _vrings;

    /// <summary>The virtio device; null while the processor is not up.</summary>
    public VirtioDevice? VirtioDevice { get; internal set; }

    /// <summary>Memory for its driver's message buffers.</summary>
    public VdevDmaMemory Dma { get; }

    internal RprocVirtioTransport Transport { get; }

    /// <summary>Registers a vdev of the table. Kernel: rproc_handle_vdev, rproc_virtio_probe.</summary>
    /// <param name="rproc">The processor.</param>
    /// <param name="payloadOffset">Where the entry's payload is.</param>
    /// <param name="entry">The entry, judged.</param>
    /// <param name="vrings">Its vrings, judged up to the first bad one.</param>
    /// <param name="vringErrno">What was wrong with a vring: the device is registered all the same, and its probe fails.</param>
    /// <returns>Ok; or, where the era lets it, what fails the boot.</returns>
    internal static async ValueTask<Errno> RegisterAsync(
        Rproc rproc, int payloadOffset, VdevEntry entry, VdevVring[] vrings, Errno vringErrno)
    {
        int index = rproc.VdevCount++;
        Errno errno = await rproc.StepAsync("platform_device_register");
        if (errno != Errno.Ok) return errno;
        RprocVdev vdev = new(rproc, rproc.Module.TakePlatformDeviceId(), payloadOffset, index, entry, vrings);
        errno = await vdev.AddAsync();
        if (errno == Errno.Ok)
        {
            errno = vringErrno != Errno.Ok ? vringErrno : vdev.AllocateVrings(vrings);
            if (errno == Errno.Ok)
            {
                rproc.AddVdev(vdev);
                rproc.Subdevices.Add(vdev._subdevice);
                return Errno.Ok;
            }

            rproc.Log.Error(vdev, $"probe of vdev{index} failed with error {errno.Kernel()}");
            await vdev.DeleteAsync();
        }

        vdev.Put();
        return rproc.Era.VdevFailure == VdevFailure.FailsBoot ? errno : Errno.Ok;
    }

    /// <summary>Writes each vring's device address into the table in effect. Kernel: rproc_handle_vdev of v4.10.</summary>
    internal void PublishVrings()
    {
        foreach (RprocVring vring in _vrings) PublishVring(vring);
    }

    /// <summary>Writes one vring's device address into the table in effect. Kernel: rp_find_vq since v4.20.</summary>
    internal void PublishVring(RprocVring vring) => ResourceTableWriteBack.SetVringDa(
        Rproc.Table.InEffect.Span, PayloadOffset, vring.Index, (uint)vring.Carveout!.DeviceAddress.Value);

    internal DeviceAddress PublishedVringAddress(int index) =>
        Rproc.Table.HasTable
            ? new DeviceAddress(ResourceTableWriteBack.GetVring(Rproc.Table.InEffect.Span, PayloadOffset, index).Da)
            : DeviceAddress.Any;

    /// <summary>Frees the notifyids, resets the table entries, and goes. Kernel: rproc_virtio_remove, rproc_free_vring.</summary>
    internal async ValueTask RemoveAsync()
    {
        ReleaseVrings();
        Dma.Release();
        Rproc.Subdevices.Remove(_subdevice);
        Rproc.RemoveVdev(this);
        await UnregisterAsync();
    }

    /// <inheritdoc/>
    protected override void Release() => Rproc.Module.ReleasePlatformDeviceId(_platformId);

    /// <summary>
    /// Kernel: rproc_alloc_vring for each. A carveout of its name that the platform registered must fit; otherwise one is registered.
    /// </summary>
    private Errno AllocateVrings(VdevVring[] entries)
    {
        for (int i = 0; i < _vrings.Length; i++)
        {
            Errno errno = AllocateVring(_vrings[i],
                Rproc.Era.VringAddress == VringAddress.Requested ? new DeviceAddress(entries[i].Da) : DeviceAddress.Any);
            if (errno == Errno.Ok) continue;
            ReleaseVrings();
            return errno;
        }

        return Errno.Ok;
    }

    private Errno AllocateVring(RprocVring vring, DeviceAddress requested)
    {
        ulong sizeBytes = VringSize.ReservedBytes(vring.Num, vring.AlignBytes);
        if (sizeBytes > int.MaxValue)
        {
            Rproc.Log.Error(Rproc, $"{vring.CarveoutName}: num {vring.Num} align 0x{vring.AlignBytes:x} takes 0x{sizeBytes:x} bytes");
            return Errno.ENOMEM;
        }

        Errno errno = Rproc.Kernel.Faults.At("rproc_alloc_vring");
        if (errno != Errno.Ok) return errno;
        if (vring.Carveout is { } registered)
        {
            if (registered.CheckFit(requested, (long)sizeBytes) != Errno.Ok)
            {
                Rproc.Log.Error(Rproc, $"{vring.CarveoutName}: da {requested} len 0x{sizeBytes:x} doesn't fit {registered}");
                return Errno.ENOMEM;
            }
        }
        else
        {
            Rproc.Carveouts.Add(new Carveout(vring.CarveoutName, requested, (long)sizeBytes));
        }

        vring.NotifyId = Rproc.NotifyIds.Take(vring);
        if (vring.NotifyId < 0)
        {
            Rproc.Log.Error(Rproc, $"idr_alloc failed: {Errno.ENOSPC.Kernel()}");
            return Errno.ENOSPC;
        }

        ResourceTableWriteBack.SetVringNotifyId(Rproc.Table.InEffect.Span, PayloadOffset, vring.Index, (uint)vring.NotifyId);
        return Errno.Ok;
    }

    private void ReleaseVrings()
    {
        foreach (RprocVring vring in _vrings)
        {
            if (vring.NotifyId < 0) continue;
            Rproc.NotifyIds.Release(vring.NotifyId);
            vring.NotifyId = -1;
            if (!Rproc.Table.HasTable) continue;
            ResourceTableWriteBack.SetVringDa(Rproc.Table.InEffect.Span, PayloadOffset, vring.Index, 0);
            ResourceTableWriteBack.SetVringNotifyId(Rproc.Table.InEffect.Span, PayloadOffset, vring.Index, uint.MaxValue);
        }
    }
}
