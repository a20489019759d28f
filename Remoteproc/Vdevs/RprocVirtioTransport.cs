using System;
using System.Threading.Tasks;
using RemoteprocEmu.Firmware.ResourceTable;
using RemoteprocEmu.Platform;
using RemoteprocEmu.Platform.Trace;
using RemoteprocEmu.Remoteproc.Eras;
using RemoteprocEmu.Virtio.Device;
using RemoteprocEmu.Virtio.Ring;

namespace RemoteprocEmu.Remoteproc.Vdevs;

/// <summary>
/// virtio over a resource table: features, status and configuration are bytes of the vdev's entry, queues are its carveouts.
/// </summary>
/// <remarks>
/// The table in effect is the firmware's own memory while it runs: what is read here was written by another processor and is used as
/// numbers only. The remote is not told of a change of status; it looks.
/// Source: remoteproc_virtio.c, rproc_virtio_config_ops.
/// </remarks>
public sealed class RprocVirtioTransport : IVirtioConfigOps
{
    private static readonly NameSeries s_places = new("", "");

    private readonly RprocVdev _vdev;

    internal RprocVirtioTransport(RprocVdev vdev) => _vdev = vdev;

    /// <inheritdoc/>
    public IDmaMemory Dma => _vdev.Dma;

    /// <summary>0: the resource table has no generation. Kernel: config_ops without generation.</summary>
    public uint Generation => 0;

    private Rproc Rproc => _vdev.Rproc;

    private Span<byte> Table => _vdev.Table;

    /// <summary>dfeatures, 32 bits. Kernel: rproc_virtio_get_features.</summary>
    public ulong GetFeatures() => ResourceTableWriteBack.GetDeviceFeatures(Table, _vdev.PayloadOffset);

    /// <summary>Keeps of the transport features what it knows, and writes gfeatures. Kernel: rproc_virtio_finalize_features.</summary>
    /// <remarks>dfeatures has 32 bits, so none above bit 31 was offered: more than 32 is a BUG there, and our defect here.</remarks>
    public Errno FinalizeFeatures(ref ulong features)
    {
        _vdev.TableEntry.Write();
        features = VirtioFeatures.VringTransportFeatures(features) & ~VirtioFeatures.Mask(VirtioFeatures.RingPacked);
        Invariant.Check(features <= uint.MaxValue, "a resource table carries 32 feature bits");
        ResourceTableWriteBack.SetGuestFeatures(Table, _vdev.PayloadOffset, (uint)features);
        return Errno.Ok;
    }

    /// <summary>Kernel: rproc_virtio_get_status.</summary>
    public VirtioStatus GetStatus()
    {
        _vdev.TableEntry.Read();
        return (VirtioStatus)ResourceTableWriteBack.GetStatus(Table, _vdev.PayloadOffset);
    }

    /// <summary>Kernel: rproc_virtio_set_status. No kick.</summary>
    public void SetStatus(VirtioStatus status)
    {
        _vdev.TableEntry.Write();
        VirtioStatus before = (VirtioStatus)ResourceTableWriteBack.GetStatus(Table, _vdev.PayloadOffset);
        if (((before ^ status) & VirtioStatus.DriverOk) != 0) _vdev.DriverOk.Write();
        ResourceTableWriteBack.SetStatus(Table, _vdev.PayloadOffset, (byte)status);
        Rproc.Kernel.Scheduler.Trace.Emit(TraceKind.State, _vdev.Name, 0, (ulong)status);
    }

    /// <summary>Writes status 0 and nothing else. Kernel: rproc_virtio_reset.</summary>
    public void Reset() => SetStatus(VirtioStatus.None);

    /// <summary>Kernel: rproc_virtio_get. Out of bounds leaves the buffer as it was.</summary>
    public bool TryReadConfig(int offset, Span<byte> destination) =>
        offset >= 0 && InConfig(ResourceTableWriteBack.TryReadConfig(Table, _vdev.PayloadOffset, (uint)offset, destination), "get");

    /// <summary>Kernel: rproc_virtio_set.</summary>
    public bool TryWriteConfig(int offset, ReadOnlySpan<byte> source) =>
        offset >= 0 && InConfig(ResourceTableWriteBack.TryWriteConfig(Table, _vdev.PayloadOffset, (uint)offset, source), "set");

    /// <summary>Kernel: rproc_virtio_find_vqs, rp_find_vq.</summary>
    /// <param name="device">The device whose driver asks.</param>
    /// <param name="requests">Queue i uses vring i; a request without name is skipped.</param>
    /// <returns>
    /// Ok with a queue for each named request; EINVAL for a third queue; ENOMEM for a vring without memory or a bad geometry.
    /// </returns>
    public async ValueTask<(Errno Errno, Virtqueue?[] Queues)> FindVqsAsync(VirtioDevice device, VirtqueueRequest[] requests)
    {
        ArgumentNullException.ThrowIfNull(requests);
        if (Rproc.Era.VringContents == VringContents.ClearedTogether) _vdev.ClearVrings();
        Virtqueue?[] queues = new Virtqueue?[requests.Length];
        int index = 0;
        for (int i = 0; i < requests.Length; i++)
        {
            if (requests[i].Name is null) continue;
            Errno errno = await Rproc.StepAsync("rp_find_vq");
            if (errno == Errno.Ok) errno = FindVq(device, index++, requests[i], out queues[i]);
            if (errno == Errno.Ok) continue;
            DeleteQueues();
            return (errno, []);
        }

        if (Rproc.Era.DriverPower == DriverPower.IsUser)
        {
            Errno errno = await Rproc.BootNowaitAsync();
            if (errno != Errno.Ok)
            {
                Rproc.Log.Error(Rproc, $"rproc_boot() failed {errno.Kernel()}");
                DeleteQueues();
                return (errno, []);
            }
        }

        return (Errno.Ok, queues);
    }

    /// <summary>Forgets the queues. Their memory stays: it is the vdev's, since a863af5d4193. Kernel: rproc_virtio_del_vqs.</summary>
    public async ValueTask DelVqsAsync(VirtioDevice device)
    {
        if (Rproc.Era.DriverPower == DriverPower.IsUser) _ = await Rproc.ShutdownAsync(); // void in those kernels
        DeleteQueues();
    }

    /// <summary>Kernel: __rproc_virtio_del_vqs.</summary>
    private void DeleteQueues()
    {
        foreach (RprocVring vring in _vdev.Vrings)
        {
            vring.Queue?.Delete();
            vring.Queue = null;
            if (Rproc.Era.VringLife == VringLife.FindVqsToDelVqs) _vdev.ReleaseVring(vring);
        }
    }

    private Errno FindVq(VirtioDevice device, int index, VirtqueueRequest request, out Virtqueue? queue)
    {
        queue = null;
        if (index >= _vdev.Vrings.Count) return Errno.EINVAL;
        RprocVring vring = _vdev.Vrings[index];
        Errno errno = Rproc.Era.VringLife == VringLife.FindVqsToDelVqs ? _vdev.AllocateVringForQueue(vring) : Errno.Ok;
        if (errno != Errno.Ok) return errno;
        if (vring.Carveout is not { IsAllocated: true } carveout) return Errno.ENOMEM;
        int num = vring.Num <= int.MaxValue ? (int)vring.Num : 0; // 0 is no geometry either
        int alignBytes = vring.AlignBytes <= int.MaxValue ? (int)vring.AlignBytes : 0;
        RingStatus status = SplitQueueLayout.TryCreate(num, alignBytes, carveout.Memory.Length, out SplitQueueLayout layout);
        if (status != RingStatus.Ok)
        {
            Rproc.Log.Error(_vdev, $"vring_new_virtqueue {request.Name} failed: num {vring.Num} align 0x{vring.AlignBytes:x} is no ring");
            return Errno.ENOMEM;
        }

        // Also under a live remote, when a driver comes back: upstream has that open.
        if (Rproc.Era.VringContents == VringContents.LeftByLastDriver) carveout.Memory.Span[..layout.SizeBytes].Clear();
        queue = vring.Queue = new Virtqueue(device, index, request, layout, carveout.Memory[..layout.SizeBytes], _ => Kick(vring),
            s_places[carveout.DeviceAddress]);
        _vdev.PublishVring(vring);
        return Errno.Ok;
    }

    /// <summary>Kernel: rproc_virtio_notify.</summary>
    private bool Kick(RprocVring vring)
    {
        Rproc.Ops.Kick!(Rproc, vring.NotifyId);
        return true;
    }

    private bool InConfig(ResourceTableStatus status, string verb)
    {
        if (status == ResourceTableStatus.Ok) return true;
        Rproc.Log.Error(_vdev, $"rproc_virtio_{verb}: access out of bounds");
        return false;
    }
}
