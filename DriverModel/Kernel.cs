using System;
using System.Collections.Generic;
using RemoteprocEmu.DriverModel.Devices;
using RemoteprocEmu.DriverModel.FirmwareFiles;
using RemoteprocEmu.DriverModel.Log;
using RemoteprocEmu.DriverModel.Modules;
using RemoteprocEmu.Platform.Faults;
using RemoteprocEmu.Platform.Tasks;

namespace RemoteprocEmu.DriverModel;

/// <summary>The small piece of Linux that lifecycles need, and what every part of it finds through one reference.</summary>
public sealed class Kernel
{
    private readonly List<Device> _devices = [];

    /// <summary>Creates a kernel with nothing loaded.</summary>
    /// <param name="scheduler">Runs everything in it.</param>
    /// <param name="faults">What goes wrong; null for nothing.</param>
    public Kernel(Scheduler scheduler, IFaultPlan? faults = null)
    {
        ArgumentNullException.ThrowIfNull(scheduler);
        Scheduler = scheduler;
        Faults = faults ?? NoFaults.Instance;
        Log = new KernelLog(scheduler);
        Modules = new ModuleTable(scheduler);
        Firmware = new FirmwareClass(this);
        DeferredProbe = new DeferredProbe(this);
    }

    /// <summary>Runs everything in it.</summary>
    public Scheduler Scheduler { get; }

    /// <summary>What goes wrong from now on.</summary>
    public IFaultPlan Faults { get; set; }

    /// <summary>dmesg.</summary>
    public KernelLog Log { get; }

    /// <summary>insmod, rmmod, lsmod.</summary>
    public ModuleTable Modules { get; }

    /// <summary>request_firmware.</summary>
    public FirmwareClass Firmware { get; }

    /// <summary>Devices whose driver asked to be probed again later.</summary>
    public DeferredProbe DeferredProbe { get; }

    /// <summary>Devices that exist, in order of creation: created and not released, whether on a bus or not.</summary>
    public IReadOnlyList<Device> Devices => _devices;

    internal void AddDevice(Device device) => _devices.Add(device);

    internal void RemoveDevice(Device device) => _ = _devices.Remove(device); // once, from Device.Put
}
