using System;
using System.Collections.Generic;
using System.Threading.Tasks;
using RemoteprocEmu.Platform;

namespace RemoteprocEmu.Virtio.Device;

/// <summary>A device on the virtio bus, <c>virtio0</c> and on, over whatever transport it has.</summary>
/// <remarks>
/// Created by its transport, which then calls <see cref="VirtioBus.RegisterDeviceAsync"/> and, at the end,
/// <see cref="VirtioBus.UnregisterDeviceAsync"/>.
/// Source: include/linux/virtio.h, struct virtio_device; drivers/virtio/virtio.c.
/// </remarks>
public class VirtioDevice : DriverModel.Devices.Device
{
    private const int ConfigReadAttempts = 100;

    private readonly List<Virtqueue> _queues = [];
    private readonly VirtioBus _bus;
    private static readonly NameSeries s_names = new("virtio", "");

    private bool _holdsIndex = true;
    private bool _configEnabled;
    private bool _configChangePending;

    /// <summary>Creates a device that nobody sees yet. It takes the lowest free index at once: that is its name.</summary>
    /// <param name="bus">The virtio bus.</param>
    /// <param name="config">Its transport.</param>
    /// <param name="id">What it is.</param>
    /// <param name="parent">The device that carries it.</param>
    public VirtioDevice(VirtioBus bus, IVirtioConfigOps config, VirtioDeviceId id, DriverModel.Devices.Device? parent)
        : this(bus, config, id, parent, (bus ?? throw new ArgumentNullException(nameof(bus))).TakeIndex())
    {
    }

    private VirtioDevice(VirtioBus bus, IVirtioConfigOps config, VirtioDeviceId id, DriverModel.Devices.Device? parent, int index)
        : base(bus.Kernel, s_names[index], parent, bus)
    {
        _bus = bus;
        Config = config;
        Id = id;
        Index = index;
    }

    /// <summary>The number in its name: unique among all virtio devices of the system, in order of registration.</summary>
    public int Index { get; }

    /// <summary>What it is.</summary>
    public VirtioDeviceId Id { get; }

    /// <summary>Its transport.</summary>
    public IVirtioConfigOps Config { get; }

    /// <summary>What driver and device have settled on; 0 before the first probe.</summary>
    public ulong Features { get; internal set; }

    /// <summary>Its queues, between the driver's find_vqs and del_vqs, in order of creation.</summary>
    public IReadOnlyList<Virtqueue> Virtqueues => _queues;

    /// <summary>The status byte, as the transport has it now.</summary>
    public VirtioStatus Status => Config.GetStatus();

    /// <summary>Whether a feature was settled on. Kernel: virtio_has_feature.</summary>
    /// <param name="bit">Its number, 0 to 63.</param>
    public bool HasFeature(int bit) => (Features & VirtioFeatures.Mask(bit)) != 0;

    /// <summary>Gives a feature up, in a driver's <see cref="VirtioDriver.Validate"/>. Kernel: __virtio_clear_bit.</summary>
    /// <param name="bit">Its number, 0 to 63.</param>
    public void ClearFeature(int bit) => Features &= ~VirtioFeatures.Mask(bit);

    /// <summary>Resets the device. Kernel: virtio_reset_device.</summary>
    public void Reset() => Config.Reset();

    /// <summary>Adds bits to the status byte. Kernel: virtio_add_status.</summary>
    public void AddStatus(VirtioStatus status) => Config.SetStatus(Config.GetStatus() | status);

    /// <summary>Tells the device that it may use its queues: DRIVER_OK. Kernel: virtio_device_ready.</summary>
    /// <remarks>
    /// Where the bit is set already the kernel has a BUG_ON. The status byte of a resource table is memory that the device can write too,
    /// so here that is its misdeed, told in the log, and not our end.
    /// </remarks>
    public void Ready()
    {
        VirtioStatus status = Config.GetStatus();
        if ((status & VirtioStatus.DriverOk) != 0)
            Kernel.Log.Error(this, $"status is 0x{(byte)status:x} before the driver has said DRIVER_OK");
        Config.SetStatus(status | VirtioStatus.DriverOk);
    }

    /// <summary>Sets up the driver's queues. Kernel: virtio_find_vqs.</summary>
    /// <inheritdoc cref="IVirtioConfigOps.FindVqsAsync"/>
    public ValueTask<(Errno Errno, Virtqueue?[] Queues)> FindVqsAsync(params VirtqueueRequest[] requests) =>
        Config.FindVqsAsync(this, requests);

    /// <summary>Writes to configuration space. Kernel: virtio_cwrite.</summary>
    /// <returns>False when the range does not lie inside.</returns>
    public bool TryWriteConfig(int offset, ReadOnlySpan<byte> source) => Config.TryWriteConfig(offset, source);

    /// <summary>Reads a piece of configuration space that the device did not change meanwhile. Kernel: virtio_cread_bytes.</summary>
    /// <param name="offset">From its start, bytes.</param>
    /// <param name="destination">Filled whole; unspecified unless true is returned.</param>
    /// <returns>False when the range does not lie inside, or the device changed it at every one of many attempts.</returns>
    public bool TryReadConfig(int offset, Span<byte> destination)
    {
        for (int attempt = 0; attempt < ConfigReadAttempts; attempt++)
        {
            uint generation = Config.Generation;
            if (!Config.TryReadConfig(offset, destination)) return false;
            if (Config.Generation == generation) return true;
        }

        return false;
    }

    /// <summary>
    /// The transport says that the device has changed its configuration space, or has set NEEDS_RESET: the driver hears of it, or will
    /// when its probe has ended. Kernel: virtio_config_changed.
    /// </summary>
    /// <remarks>
    /// Linux does nothing about NEEDS_RESET: drivers look at their configuration and go on. The queues stay as they are, and the device
    /// does nothing with them; only a new probe, or rmmod and insmod, resets it.
    /// </remarks>
    public void ConfigChanged()
    {
        if (_configEnabled && Driver is VirtioDriver driver) driver.ConfigChanged(this);
        else _configChangePending = true;
    }

    /// <inheritdoc/>
    protected override void Release()
    {
        ReleaseIndex();
        base.Release();
    }

    /// <summary>Kernel: virtio_config_core_enable.</summary>
    internal void EnableConfigChanges()
    {
        _configEnabled = true;
        if (!_configChangePending) return;
        _configChangePending = false;
        ConfigChanged();
    }

    /// <summary>Kernel: virtio_config_core_disable.</summary>
    internal void DisableConfigChanges() => _configEnabled = false;

    internal void AddQueue(Virtqueue queue) => _queues.Add(queue);

    internal void RemoveQueue(Virtqueue queue) =>
        Invariant.Check(_queues.Remove(queue), "a virtqueue belongs to its device until it is deleted");

    internal void ReleaseIndex()
    {
        if (!_holdsIndex) return;
        _holdsIndex = false;
        _bus.ReleaseIndex(Index);
    }
}
