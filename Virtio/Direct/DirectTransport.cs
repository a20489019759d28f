using System;
using System.Collections.Generic;
using System.Threading;
using System.Threading.Tasks;
using RemoteprocEmu.Platform;
using RemoteprocEmu.Platform.Doorbells;
using RemoteprocEmu.Platform.Memory;
using RemoteprocEmu.Platform.Tasks;
using RemoteprocEmu.Virtio.Device;
using RemoteprocEmu.Virtio.Remote;
using RemoteprocEmu.Virtio.Ring;

namespace RemoteprocEmu.Virtio.Direct;

/// <summary>A driver and a device half, back to back in one process: a transport that has everything that remoteproc lacks.</summary>
/// <remarks>
/// All 64 feature bits, FEATURES_OK, a configuration space with generation and interrupt, NEEDS_RESET, any number of queues. It holds the
/// driver to <see cref="VirtioTransitions"/>: a write that is not legal changes nothing, as a device that refuses it.
/// <code>
/// driver half          IVirtioConfigOps    queues      DeviceBell            device half
/// VirtioDevice  ------ this transport ---- memory ---- this transport ------ IRemoteVdev, Memory, Interrupt
/// irq task      &lt;----- Interrupt, config change        status line, kicks -> whoever serves it
/// </code>
/// </remarks>
public sealed class DirectTransport : IVirtioConfigOps, IDmaMemory, IRemoteVdev
{
    private const int AlignBytes = 16;

    private readonly VirtioBus _bus;
    private readonly MemoryBank _bank;
    private readonly Lock _gate = new(); // status, configuration, generation, rings: two processors use them
    private readonly byte[] _config;
    private readonly QueuePlace?[] _queues;
    private readonly List<(DmaBuffer Buffer, MemoryBlock Block)> _buffers = [];
    private readonly Doorbell _hostBell;
    private VirtioDevice? _device;
    private KernelTask? _irq;
    private VirtioStatus _status;
    private ulong _driverFeatures;
    private uint _generation;

    /// <summary>Creates the transport of a device that nobody sees yet.</summary>
    /// <param name="bus">The virtio bus.</param>
    /// <param name="bank">Memory for rings and buffers; both halves reach it by its bus addresses.</param>
    /// <param name="device">The device.</param>
    public DirectTransport(VirtioBus bus, MemoryBank bank, DirectDevice device)
    {
        ArgumentNullException.ThrowIfNull(bus);
        ArgumentNullException.ThrowIfNull(bank);
        ArgumentNullException.ThrowIfNull(device);
        _bus = bus;
        _bank = bank;
        Offered = device;
        _config = device.Config.ToArray();
        _queues = new QueuePlace?[device.QueueSizes.Count];
        PhysicalMemory physical = new();
        physical.Add(bank);
        Memory = new RemoteMemory(physical, new AddressMap(), iommu: null, reachesBus: true);
        _hostBell = new Doorbell(bus.Kernel.Scheduler, "direct irq", _queues.Length + 2);
        DeviceBell = new Doorbell(bus.Kernel.Scheduler, "direct kicks", _queues.Length + 1);
    }

    /// <summary>What the device offers.</summary>
    public DirectDevice Offered { get; }

    /// <summary>Memory, as the device half reaches it.</summary>
    public RemoteMemory Memory { get; }

    /// <summary>What the device half sleeps on: a line for each queue, and one past the last for a change of status.</summary>
    public Doorbell DeviceBell { get; }

    /// <summary>The virtio device; null before <see cref="RegisterAsync"/> and after <see cref="UnregisterAsync"/>.</summary>
    public VirtioDevice? Device => _device;

    /// <summary>Writes of the driver to the status byte that were not legal, and changed nothing.</summary>
    public int RefusedWriteCount { get; private set; }

    /// <inheritdoc/>
    public byte Status
    {
        get
        {
            lock (_gate) return (byte)_status;
        }
    }

    /// <inheritdoc/>
    public ulong DriverFeatures
    {
        get
        {
            lock (_gate) return _driverFeatures;
        }
    }

    /// <inheritdoc/>
    public uint Generation
    {
        get
        {
            lock (_gate) return _generation;
        }
    }

    /// <inheritdoc/>
    public IDmaMemory Dma => this;

    private int ConfigLine => _queues.Length;

    private int EndLine => _queues.Length + 1;

    private int StatusLine => _queues.Length;

    private bool IsModern => (_driverFeatures & VirtioFeatures.Mask(VirtioFeatures.Version1)) != 0;

    /// <summary>Puts the device on the bus: a driver may probe it before this returns.</summary>
    /// <param name="parent">The device that carries it; null for none.</param>
    /// <returns>As <see cref="VirtioBus.RegisterDeviceAsync"/>.</returns>
    public async ValueTask<Errno> RegisterAsync(DriverModel.Devices.Device? parent = null)
    {
        Invariant.Check(_device is null, "a device is registered once");
        _device = new VirtioDevice(_bus, this, new VirtioDeviceId(Offered.Id, 0), parent);
        _irq = _bus.Kernel.Scheduler.Spawn($"irq/{_device.Name}", ServeInterruptsAsync, _bus.Kernel.Scheduler.Host, isDaemon: true);
        Errno errno = await _bus.RegisterDeviceAsync(_device);
        if (errno == Errno.Ok) return Errno.Ok;
        await StopInterruptsAsync();
        _device.Put();
        _device = null;
        return errno;
    }

    /// <summary>Takes the device off the bus; its driver lets go first.</summary>
    public async ValueTask UnregisterAsync()
    {
        if (_device is null) return;
        await _bus.UnregisterDeviceAsync(_device);
        await StopInterruptsAsync();
        _device = null;
    }

    /// <summary>Interrupts the driver about a queue. The device half's.</summary>
    /// <param name="notifyId">The queue's number; another interrupts nobody.</param>
    public void Interrupt(int notifyId)
    {
        if ((uint)notifyId < (uint)_queues.Length) _ = _hostBell.Ring(notifyId);
    }

    /// <inheritdoc/>
    public ulong GetFeatures() => Offered.Features;

    /// <inheritdoc/>
    public Errno FinalizeFeatures(ref ulong features)
    {
        features = VirtioFeatures.VringTransportFeatures(features);
        lock (_gate) _driverFeatures = features;
        return Errno.Ok;
    }

    /// <inheritdoc/>
    public VirtioStatus GetStatus() => (VirtioStatus)Status;

    /// <inheritdoc/>
    /// <remarks>FEATURES_OK stays away when the driver has taken what was not offered, or one without what it needs.</remarks>
    public void SetStatus(VirtioStatus status)
    {
        lock (_gate)
        {
            bool isRefused = !VirtioTransitions.MayWrite(_status, status, IsModern) ||
                ((status & ~_status) == VirtioStatus.FeaturesOk && !AcceptsFeatures());
            if (isRefused)
            {
                RefusedWriteCount++;
                return;
            }

            _status = status;
        }

        _ = DeviceBell.Ring(StatusLine); // it has that line
    }

    /// <inheritdoc/>
    public void Reset()
    {
        lock (_gate)
        {
            _status = VirtioStatus.None;
            _driverFeatures = 0;
        }

        _ = DeviceBell.Ring(StatusLine);
    }

    /// <inheritdoc cref="IVirtioConfigOps.TryReadConfig"/>
    public bool TryReadConfig(int offset, Span<byte> destination)
    {
        if (offset < 0 || offset > _config.Length - destination.Length) return false;
        lock (_gate) _config.AsSpan(offset, destination.Length).CopyTo(destination);
        return true;
    }

    /// <inheritdoc/>
    bool IVirtioConfigOps.TryWriteConfig(int offset, ReadOnlySpan<byte> source) => TryStoreConfig(offset, source);

    /// <inheritdoc/>
    bool IRemoteVdev.TryWriteConfig(int offset, ReadOnlySpan<byte> source)
    {
        lock (_gate)
        {
            if (!TryStoreConfig(offset, source)) return false;
            _generation++;
        }

        _ = _hostBell.Ring(ConfigLine);
        return true;
    }

    /// <inheritdoc/>
    public bool SetNeedsReset()
    {
        lock (_gate)
        {
            if (VirtioTransitions.Next(_status, VirtioStatusStep.NeedsReset, IsModern) is not { } next) return false;
            _status = next;
        }

        _ = _hostBell.Ring(ConfigLine); // VIRTIO 1.3, 2.1.2: a configuration change notification
        return true;
    }

    /// <inheritdoc/>
    public RemoteVring GetVring(int index)
    {
        lock (_gate)
        {
            return (uint)index < (uint)_queues.Length && _queues[index] is { } place
                ? new RemoteVring(new DeviceAddress(place.Block.Address.Value), AlignBytes, (uint)place.Queue.Size, index)
                : new RemoteVring(DeviceAddress.Any, 0, 0, -1);
        }
    }

    /// <inheritdoc/>
    /// <returns>Ok; EINVAL for a queue that the device does not have; ENOMEM.</returns>
    public ValueTask<(Errno Errno, Virtqueue?[] Queues)> FindVqsAsync(VirtioDevice device, VirtqueueRequest[] requests)
    {
        ArgumentNullException.ThrowIfNull(requests);
        Virtqueue?[] queues = new Virtqueue?[requests.Length];
        int index = 0;
        for (int i = 0; i < requests.Length; i++)
        {
            if (requests[i].Name is null) continue;
            Errno errno = FindVq(device, index++, requests[i], out queues[i]);
            if (errno == Errno.Ok) continue;
            DeleteQueues();
            return ValueTask.FromResult<(Errno, Virtqueue?[])>((errno, []));
        }

        return ValueTask.FromResult((Errno.Ok, queues));
    }

    /// <inheritdoc/>
    public ValueTask DelVqsAsync(VirtioDevice device)
    {
        DeleteQueues();
        return ValueTask.CompletedTask;
    }

    /// <inheritdoc/>
    public Errno TryAllocate(string owner, int lengthBytes, out DmaBuffer? buffer)
    {
        buffer = null;
        Errno errno = _bus.Kernel.Faults.At("dma_alloc_coherent");
        if (errno != Errno.Ok) return errno;
        if (_bank.Allocate(owner, lengthBytes) is not { } block) return Errno.ENOMEM;
        buffer = new DmaBuffer(owner, block.Address, block.Memory[..lengthBytes]);
        _buffers.Add((buffer, block));
        return Errno.Ok;
    }

    /// <inheritdoc/>
    public void Free(DmaBuffer buffer)
    {
        int index = _buffers.FindIndex(entry => entry.Buffer == buffer);
        Invariant.Check(index >= 0, "a driver frees what it has");
        _bank.Free(_buffers[index].Block);
        _buffers.RemoveAt(index);
    }

    private bool AcceptsFeatures() =>
        (_driverFeatures & ~Offered.Features) == 0 && VirtioFeatures.FirstBroken(_driverFeatures) is null &&
        FeatureRule.FirstBroken(_driverFeatures, Offered.FeatureRules.Span) is null;

    private bool TryStoreConfig(int offset, ReadOnlySpan<byte> source)
    {
        if (offset < 0 || offset > _config.Length - source.Length) return false;
        lock (_gate) source.CopyTo(_config.AsSpan(offset));
        return true;
    }

    private Errno FindVq(VirtioDevice device, int index, VirtqueueRequest request, out Virtqueue? queue)
    {
        queue = null;
        if (index >= _queues.Length) return Errno.EINVAL;
        RingStatus status = SplitQueueLayout.TryCreate(Offered.QueueSizes[index], AlignBytes, int.MaxValue, out SplitQueueLayout layout);
        if (status != RingStatus.Ok) return Errno.EINVAL;
        if (_bank.Allocate($"{device.Name} vring{index}", layout.SizeBytes) is not { } block) return Errno.ENOMEM;
        queue = new Virtqueue(device, index, request, layout, block.Memory[..layout.SizeBytes], Kick);
        lock (_gate) _queues[index] = new QueuePlace(queue, block);
        return Errno.Ok;
    }

    private void DeleteQueues()
    {
        for (int i = 0; i < _queues.Length; i++)
        {
            if (_queues[i] is not { } place) continue;
            lock (_gate) _queues[i] = null;
            place.Queue.Delete();
            _bank.Free(place.Block);
        }
    }

    private bool Kick(Virtqueue queue) => DeviceBell.Ring(queue.Index);

    private async ValueTask ServeInterruptsAsync()
    {
        while (true)
        {
            _ = await _hostBell.WaitAsync(); // no timeout
            while (_hostBell.TryTake(out int line))
            {
                if (line == EndLine) return;
                if (line == ConfigLine) _device!.ConfigChanged();
                else if (_queues[line] is { } place) _ = await place.Queue.InterruptAsync(); // an edge: nobody counts IRQ_NONE
            }
        }
    }

    private async ValueTask StopInterruptsAsync()
    {
        Invariant.Check(_hostBell.Ring(EndLine), "the last line is for us");
        _ = await _irq!.Ended.WaitAsync(); // no timeout
    }

    private sealed record QueuePlace(Virtqueue Queue, MemoryBlock Block);
}
