using System;
using System.Collections.Generic;
using System.Threading.Tasks;
using RemoteprocEmu.DriverModel.Devices;
using RemoteprocEmu.Firmware.ResourceTable;
using RemoteprocEmu.Platform;
using RemoteprocEmu.Platform.Memory;
using RemoteprocEmu.Platform.Tasks;
using RemoteprocEmu.Platform.Trace;
using RemoteprocEmu.Remoteproc.Eras;
using RemoteprocEmu.Remoteproc.Resources;
using RemoteprocEmu.Virtio.Device;

namespace RemoteprocEmu.Remoteproc.Vdevs;

/// <summary>A vdev of a processor: an entry of its table, its vrings, and, while the processor is up, a virtio device.</summary>
/// <remarks>
/// Life: registered while the table is handled, with its vrings; given memory with the other carveouts; starts and stops with the
/// processor as a subdevice; removed in the resource clean-up. Earlier eras have it otherwise: <see cref="VdevRegistration"/>,
/// <see cref="VringLife"/>.
/// Source: remoteproc_virtio.c (v6.12), rproc_virtio_probe, rproc_virtio_remove; 1d7b61c06dc3 (v6.1) made it a device of its own.
/// </remarks>
public sealed class RprocVdev : Device
{
    private static readonly NameSeries s_names = new("rproc-virtio.", ".auto");
    private static readonly NameSeries s_tableEntries = new("vdev", " table entry");
    private static readonly NameSeries s_driverOks = new("vdev", " DRIVER_OK");

    private readonly int _platformId;
    private readonly VdevSubdevice _subdevice;
    private readonly RprocVring[] _vrings;

    private RprocVdev(Rproc rproc, int platformId, int payloadOffset, int index, in VdevEntry entry, VdevVring[] vrings)
        : base(rproc.Kernel, s_names[platformId], rproc, className: "rproc-virtio")
    {
        _platformId = platformId;
        Rproc = rproc;
        PayloadOffset = payloadOffset;
        Index = index;
        DeviceId = entry.Id;
        TableEntry = SharedState.Of(Kernel.Scheduler, s_tableEntries[index]);
        DriverOk = SharedState.Of(Kernel.Scheduler, s_driverOks[index]);
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

    /// <summary>The table in effect.</summary>
    /// <exception cref="KernelOopsException">There is none: up to v4.8 a recovery drops it under who still registers vdevs.</exception>
    internal Span<byte> Table => Rproc.Table.HasTable
        ? Rproc.Table.InEffect.Span
        : throw new KernelOopsException($"rproc_virtio: use of rproc->table_ptr of {Rproc.Name} after kfree");

    /// <summary>Stands for its entry in the table, which the remote reads, in a search of schedules.</summary>
    internal SharedState TableEntry { get; }

    /// <summary>Stands for the one bit of its status that a remote waits for, in a search of schedules.</summary>
    internal SharedState DriverOk { get; }

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
            errno = vringErrno;
            if (errno == Errno.Ok && rproc.Era.VringLife == VringLife.WithResources) errno = vdev.AllocateVrings(vrings);
            if (errno == Errno.Ok)
            {
                rproc.AddVdev(vdev);
                errno = await vdev.OfferAsync();
                if (errno == Errno.Ok) return Errno.Ok;
                rproc.RemoveVdev(vdev);
            }

            rproc.Log.Error(vdev, $"probe of vdev{index} failed with error {errno.Kernel()}");
            await vdev.DeleteAsync();
        }

        vdev.Put();
        return rproc.Era.VdevFailure == VdevFailure.FailsBoot ? errno : Errno.Ok;
    }

    /// <summary>Makes a virtio device of it, for which drivers look. Kernel: rproc_add_virtio_dev.</summary>
    internal async ValueTask<Errno> AddVirtioDeviceAsync()
    {
        if (Rproc.Ops.Kick is null)
        {
            Rproc.Log.Error(this, $".kick method not defined for {Rproc.RprocName}");
            return Errno.EINVAL;
        }

        VirtioBus bus = Rproc.Module.VirtioBus;
        VirtioDevice device = new(bus, Transport, new VirtioDeviceId(DeviceId), this);
        VirtioDevice = device; // before drivers find it: find_vqs may boot, and who looks meanwhile finds it too
        Errno errno = await bus.RegisterDeviceAsync(device);
        if (errno != Errno.Ok)
        {
            VirtioDevice = null;
            Rproc.Log.Error(this, $"failed to register vdev: {errno.Kernel()}");
            device.Put();
            return errno;
        }

        Rproc.Log.Info(this, $"registered {device.Name} (type {DeviceId})");
        return Errno.Ok;
    }

    /// <summary>Takes the virtio device away, if there is one; its driver lets go first. Kernel: rproc_remove_virtio_dev.</summary>
    internal async ValueTask RemoveVirtioDeviceAsync()
    {
        if (VirtioDevice is not { } device) return;
        if (!device.IsAdded) // up to v4.8 nothing keeps a recovery apart from who registers
            throw new KernelOopsException($"unregister_virtio_device: use of {device.Name} before device_add");
        VirtioDevice = null;
        await Rproc.Module.VirtioBus.UnregisterDeviceAsync(device);
    }

    /// <summary>
    /// Memory and a notifyid for one vring, into the table in effect; for a driver that makes a queue of it. Kernel: rproc_alloc_vring up
    /// to v4.9.
    /// </summary>
    internal Errno AllocateVringForQueue(RprocVring vring)
    {
        Errno errno = AllocateVring(vring, DeviceAddress.Any);
        if (errno == Errno.Ok) PublishVring(vring);
        return errno;
    }

    /// <summary>Gives back what one vring has, and resets its table entry. Kernel: rproc_free_vring.</summary>
    internal void ReleaseVring(RprocVring vring)
    {
        if (vring.NotifyId < 0) return;
        Rproc.NotifyIds.Release(vring.NotifyId);
        vring.NotifyId = -1;
        vring.OwnMemory?.Release("rproc_free_vring");
        vring.OwnMemory = null;
        if (!Rproc.Table.HasTable) return;
        TableEntry.Write();
        ResourceTableWriteBack.SetVringDa(Table, PayloadOffset, vring.Index, 0);
        ResourceTableWriteBack.SetVringNotifyId(Table, PayloadOffset, vring.Index, uint.MaxValue);
        Kernel.Scheduler.Trace.Emit(TraceKind.Published, vring.CarveoutName, 0, 0);
    }

    /// <summary>Makes every vring's memory as it was when it was new; for vrings that no driver has.</summary>
    internal void ClearVrings()
    {
        foreach (RprocVring vring in _vrings) vring.Clear();
    }

    /// <summary>Writes each vring's device address into the table in effect. Kernel: rproc_handle_vdev of v4.10.</summary>
    internal void PublishVrings()
    {
        foreach (RprocVring vring in _vrings) PublishVring(vring);
    }

    /// <summary>Writes one vring's device address into the table in effect. Kernel: rp_find_vq since v4.20.</summary>
    internal void PublishVring(RprocVring vring)
    {
        TableEntry.Write();
        ResourceTableWriteBack.SetVringDa(
            Table, PayloadOffset, vring.Index, (uint)vring.Carveout!.DeviceAddress.Value);
        Kernel.Scheduler.Trace.Emit(TraceKind.Published, vring.CarveoutName, vring.Carveout.DeviceAddress.Value, 0);
    }

    internal DeviceAddress PublishedVringAddress(int index) =>
        Rproc.Table.HasTable
            ? new DeviceAddress(ResourceTableWriteBack.GetVring(Table, PayloadOffset, index).Da)
            : DeviceAddress.Any;

    /// <summary>Frees the notifyids, resets the table entries, and goes. Kernel: rproc_virtio_remove, rproc_free_vring.</summary>
    internal async ValueTask RemoveAsync()
    {
        await RemoveVirtioDeviceAsync(); // where it is no subdevice; those have stopped
        ReleaseVrings();
        Dma.Release();
        if (IsSubdevice) Rproc.Subdevices.Remove(_subdevice);
        Rproc.RemoveVdev(this);
        await UnregisterAsync();
    }

    /// <inheritdoc/>
    protected override void Release() => Rproc.Module.ReleasePlatformDeviceId(_platformId);

    private bool IsSubdevice => Rproc.Era.VdevRegistration == VdevRegistration.AfterStart;

    /// <summary>Makes it a virtio device now, or a subdevice that becomes one after the start (<see cref="VdevRegistration"/>).</summary>
    private ValueTask<Errno> OfferAsync()
    {
        if (!IsSubdevice) return AddVirtioDeviceAsync();
        Rproc.Subdevices.Add(_subdevice);
        return new ValueTask<Errno>(Errno.Ok);
    }

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
            Carveout carveout = new(vring.CarveoutName, requested, (long)sizeBytes);
            if (Rproc.Era.VringLife == VringLife.WithResources)
            {
                Rproc.Carveouts.Add(carveout); // it gets its memory with the others
            }
            else
            {
                errno = Rproc.Carveouts.AllocateOne(carveout);
                if (errno != Errno.Ok) return errno;
                vring.OwnMemory = carveout;
            }
        }

        vring.NotifyId = Rproc.NotifyIds.Take(vring);
        if (vring.NotifyId < 0)
        {
            vring.OwnMemory?.Release("rproc_free_vring");
            vring.OwnMemory = null;
            Rproc.Log.Error(Rproc, $"idr_alloc failed: {Errno.ENOSPC.Kernel()}");
            return Errno.ENOSPC;
        }

        TableEntry.Write();
        ResourceTableWriteBack.SetVringNotifyId(Table, PayloadOffset, vring.Index, (uint)vring.NotifyId);
        return Errno.Ok;
    }

    private void ReleaseVrings()
    {
        foreach (RprocVring vring in _vrings) ReleaseVring(vring);
    }
}
