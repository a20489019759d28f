using System;
using System.Collections.Generic;
using System.Threading.Tasks;
using RemoteprocEmu.DriverModel;
using RemoteprocEmu.DriverModel.Modules;
using RemoteprocEmu.Platform;
using RemoteprocEmu.Rpmsg.Bus;
using RemoteprocEmu.Rpmsg.Drivers;
using RemoteprocEmu.Rpmsg.Ownership;
using RemoteprocEmu.Virtio.Device;

namespace RemoteprocEmu.Rpmsg.VirtioBackend;

/// <summary>virtio_rpmsg_bus: loaded, it binds every virtio device 7; unloaded, it lets all of them go.</summary>
public sealed class VirtioRpmsgBusModule : KernelModule
{
    /// <summary>As lsmod shows it.</summary>
    public const string ModuleName = "virtio_rpmsg_bus";

    private readonly VirtioBus _virtioBus;
    private readonly VirtioRpmsgDriver _driver;

    /// <summary>Creates the module; it is not loaded yet.</summary>
    /// <param name="kernel">Where.</param>
    /// <param name="core">rpmsg_core, whose bus it fills.</param>
    /// <param name="virtioBus">Where its devices are.</param>
    public VirtioRpmsgBusModule(Kernel kernel, RpmsgCoreModule core, VirtioBus virtioBus) : base(kernel, ModuleName)
    {
        _virtioBus = virtioBus;
        _driver = new VirtioRpmsgDriver(this, core.Bus);
    }

    /// <inheritdoc/>
    public override IReadOnlyList<string> DependsOn { get; } = [RpmsgNsModule.ModuleName, RpmsgCoreModule.ModuleName];

    /// <summary>
    /// Whether it knows <see cref="Wire.RpmsgFeatures.BufferSizes"/>, which was posted in 2026: buffers as large as the remote asks, and as
    /// many as each ring has room for. False for a driver as in every kernel up to now: 512 bytes, whatever is offered.
    /// </summary>
    public bool KnowsBufferSizes { get; set; } = true;

    /// <summary>
    /// Whether headers and name service messages are big-endian, as on a big-endian host where VERSION_1 is not settled on: over a resource
    /// table it never is. The rings are little-endian all the same.
    /// </summary>
    public bool HostIsBigEndian { get; set; }

    /// <summary>Who writes down who has which buffer of the devices bound from here on; null for nobody.</summary>
    public BufferLedger? Ledger { get; set; }

    /// <summary>Who sees each message of the devices bound from here on; null for nobody.</summary>
    public IRpmsgTap? Tap { get; set; }

    /// <summary>Who has the buffers of a device that this driver is bound to.</summary>
    /// <param name="device">The device.</param>
    /// <param name="receive">Those that the remote sends with.</param>
    /// <param name="send">Those that the host sends with.</param>
    /// <returns>False when the driver is not bound to it, or not yet or no longer at work.</returns>
    public static bool TryCount(VirtioDevice device, out BufferCensus receive, out BufferCensus send)
    {
        ArgumentNullException.ThrowIfNull(device);
        receive = send = default;
        return device.DriverData is VirtioRpmsg vrp && vrp.TryCount(out receive, out send);
    }

    /// <inheritdoc/>
    protected override async ValueTask<Errno> InitAsync()
    {
        Errno errno = await _virtioBus.RegisterDriverAsync(_driver);
        if (errno != Errno.Ok)
            Kernel.Log.Write(DriverModel.Log.LogLevel.Error, $"rpmsg_init: failed to register virtio driver: {errno.Kernel()}");
        return errno;
    }

    /// <inheritdoc/>
    protected override ValueTask ExitAsync() => _virtioBus.UnregisterDriverAsync(_driver);
}
