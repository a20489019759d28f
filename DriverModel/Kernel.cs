using System;
using System.Collections.Generic;
using RemoteprocEmu.DriverModel.Devices;
using RemoteprocEmu.DriverModel.FirmwareFiles;
using RemoteprocEmu.DriverModel.Log;
using RemoteprocEmu.DriverModel.Modules;
using RemoteprocEmu.DriverModel.Nodes;
using RemoteprocEmu.Platform;
using RemoteprocEmu.Platform.Faults;
using RemoteprocEmu.Platform.Tasks;

namespace RemoteprocEmu.DriverModel;

/// <summary>The small piece of Linux that lifecycles need, and what every part of it finds through one reference.</summary>
public sealed class Kernel
{
    private readonly List<Device> _devices = [];
    private readonly List<Bus> _buses = [];
    private Device[] _markedDevices = [];
    private IFaultPlan? _markedFaults; // null: no mark

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
        Nodes = new DeviceNodes(scheduler);
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

    /// <summary>/dev.</summary>
    public DeviceNodes Nodes { get; }

    /// <summary>Devices that exist, in order of creation: created and not released, whether on a bus or not.</summary>
    public IReadOnlyList<Device> Devices => _devices;

    /// <summary>What there is now, files, devices and faults, is what <see cref="Rewind"/> goes back to.</summary>
    public void Mark()
    {
        Firmware.Mark();
        _markedDevices = [.. _devices];
        _markedFaults = Faults;
    }

    /// <summary>Makes it as it was at <see cref="Mark"/>. For a kernel with no module loaded and no device left; its scheduler is rewound
    /// by itself.</summary>
    /// <exception cref="InvariantException">There was no mark, or something is left.</exception>
    public void Rewind()
    {
        Invariant.Check(_markedFaults is not null, "a kernel goes back to a mark");
        Invariant.Check(_devices.Count == 0 && Modules.Loaded.Count == 0, "a kernel is rewound when nothing is left in it");
        Invariant.Check(Nodes.All.Count == 0, "a node goes with its device");
        Log.Rewind();
        Firmware.Rewind();
        foreach (Bus bus in _buses) bus.Rewind();
        foreach (Device device in _markedDevices) device.Rewind();
        Faults = _markedFaults;
    }

    internal void AddBus(Bus bus) => _buses.Add(bus);

    internal void AddDevice(Device device) => _devices.Add(device);

    internal void RemoveDevice(Device device) => _ = _devices.Remove(device); // once, from Device.Put
}
