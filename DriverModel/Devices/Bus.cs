using System;
using System.Collections.Generic;
using System.Threading.Tasks;
using RemoteprocEmu.Platform;
using RemoteprocEmu.Platform.Tasks;
using RemoteprocEmu.Platform.Trace;

namespace RemoteprocEmu.DriverModel.Devices;

/// <summary>Devices and drivers that find each other. Source: drivers/base/bus.c, dd.c.</summary>
public abstract class Bus
{
    private readonly List<Device> _devices = [];
    private readonly List<Driver> _drivers = [];
    private readonly SharedState _sharedDevices; // adding and removing commute: each device says itself whether it is there
    private readonly SharedState _sharedDrivers;

    /// <summary>Creates a bus with nothing on it.</summary>
    /// <param name="kernel">Where.</param>
    /// <param name="name">Its name: <c>virtio</c>, <c>rpmsg</c>, <c>platform</c>.</param>
    protected Bus(Kernel kernel, string name)
    {
        ArgumentNullException.ThrowIfNull(kernel);
        Kernel = kernel;
        Name = name;
        _sharedDevices = new SharedState(kernel.Scheduler, $"bus {name} devices");
        _sharedDrivers = new SharedState(kernel.Scheduler, $"bus {name} drivers");
        kernel.AddBus(this);
    }

    /// <summary>Where.</summary>
    public Kernel Kernel { get; }

    /// <summary>Its name: <c>virtio</c>, <c>rpmsg</c>, <c>platform</c>.</summary>
    public string Name { get; }

    /// <summary>Devices on it, in order of addition.</summary>
    public IReadOnlyList<Device> Devices
    {
        get
        {
            _sharedDevices.Read();
            return _devices;
        }
    }

    /// <summary>Drivers on it, in order of registration.</summary>
    public IReadOnlyList<Driver> Drivers
    {
        get
        {
            _sharedDrivers.Read();
            return _drivers;
        }
    }

    /// <summary>Registers a driver and binds it to every free device that it matches. Kernel: driver_register, driver_attach.</summary>
    /// <returns>Ok, whatever the probes return; EBUSY when a driver of that name is there.</returns>
    public async ValueTask<Errno> RegisterDriverAsync(Driver driver)
    {
        ArgumentNullException.ThrowIfNull(driver);
        Errno errno = Kernel.Faults.At("driver_register");
        if (errno != Errno.Ok) return errno;
        _sharedDrivers.Write();
        foreach (Driver other in _drivers)
        {
            if (other.Name != driver.Name) continue;
            Kernel.Log.Write(Log.LogLevel.Error, $"Error: Driver '{driver.Name}' is already registered, aborting...");
            return Errno.EBUSY;
        }

        _drivers.Add(driver);
        _sharedDevices.Read();
        Device[] devices = [.. _devices];
        foreach (Device device in devices) device.Get(); // a device that goes meanwhile is not released under the walk
        foreach (Device device in devices)
        {
            if (Match(device, driver)) _ = await BindAsync(device, driver); // a failed probe is logged, not returned: __driver_attach
            device.Put();
        }

        return Errno.Ok;
    }

    /// <summary>Unbinds a driver everywhere and forgets it. Kernel: driver_unregister, driver_detach (last bound first).</summary>
    public async ValueTask UnregisterDriverAsync(Driver driver)
    {
        ArgumentNullException.ThrowIfNull(driver);
        _sharedDrivers.Write();
        _ = _drivers.Remove(driver); // first, so that no device binds to it any more
        _sharedDevices.Read();
        Device[] devices = [.. _devices];
        for (int i = devices.Length - 1; i >= 0; i--)
        {
            if (devices[i].Driver == driver) await UnbindAsync(devices[i]);
        }
    }

    /// <summary>Binds a driver to a device, if the device is free. Kernel: device_driver_attach, really_probe.</summary>
    /// <returns>Ok when it is bound; EBUSY when another is; ENODEV when the device is gone; or what probe returned.</returns>
    public async ValueTask<Errno> BindAsync(Device device, Driver driver)
    {
        ArgumentNullException.ThrowIfNull(device);
        ArgumentNullException.ThrowIfNull(driver);
        device.Get();
        await device.Lock.LockAsync();
        _sharedDrivers.Read();
        Errno errno = !device.IsAdded || !_devices.Contains(device) || !_drivers.Contains(driver) ? Errno.ENODEV
            : device.Driver is not null ? Errno.EBUSY
            : Errno.Ok;
        if (errno == Errno.Ok)
        {
            device.Driver = driver;
            long triggerCount = Kernel.DeferredProbe.TriggerCount;
            errno = await ProbeAsync(device, driver);
            Kernel.Scheduler.Trace.Emit(TraceKind.Step, driver.Name, (ulong)errno, 0);
            if (errno == Errno.Ok)
            {
                Kernel.DeferredProbe.Trigger();
            }
            else
            {
                device.Driver = null;
                device.DriverData = null;
                if (errno == Errno.EPROBE_DEFER) Kernel.DeferredProbe.Add(device, triggerCount);
                else if (errno is not (Errno.ENODEV or Errno.ENXIO))
                    Kernel.Log.Write(Log.LogLevel.Warning, $"{driver.Name}: probe of {device.Name} failed with error {errno.Kernel()}");
            }
        }

        device.Lock.Unlock();
        device.Put();
        return errno;
    }

    /// <summary>Unbinds a device's driver; no effect when it has none. Kernel: device_release_driver.</summary>
    public async ValueTask UnbindAsync(Device device)
    {
        ArgumentNullException.ThrowIfNull(device);
        device.Get();
        await device.Lock.LockAsync();
        if (device.Driver is { } driver)
        {
            await RemoveAsync(device, driver);
            device.Driver = null;
            device.DriverData = null;
        }

        device.Lock.Unlock();
        device.Put();
    }

    /// <summary>Looks for a driver for a device that has none: the first that matches and whose probe succeeds.</summary>
    /// <remarks>Kernel: device_attach; __device_attach_driver goes on past any error of a probe, so that the next driver can try.</remarks>
    public async ValueTask AttachAsync(Device device)
    {
        ArgumentNullException.ThrowIfNull(device);
        device.Get();
        _sharedDrivers.Read();
        foreach (Driver driver in _drivers.ToArray())
        {
            if (Match(device, driver) && await BindAsync(device, driver) is Errno.Ok or Errno.EBUSY) break; // it has its driver
        }

        device.Put();
    }

    /// <summary>Whether a driver is for a device. Kernel: bus_type.match.</summary>
    protected abstract bool Match(Device device, Driver driver);

    /// <summary>Binds, with what the bus does around it. Kernel: bus_type.probe.</summary>
    protected virtual ValueTask<Errno> ProbeAsync(Device device, Driver driver) => driver.ProbeAsync(device);

    /// <summary>Lets go, with what the bus does around it. Kernel: bus_type.remove.</summary>
    protected virtual ValueTask RemoveAsync(Device device, Driver driver) => driver.RemoveAsync(device);

    /// <summary>The bus is empty, and is to be as new: forget what it has done.</summary>
    protected internal virtual void Rewind() { }

    /// <summary>The device of a name. In a search of schedules, whoever adds or removes one of that name touches that device.</summary>
    internal Device? Find(string name)
    {
        foreach (Device device in _devices)
        {
            if (device.Name == name) return device;
        }

        return null;
    }

    internal ValueTask ProbeDeviceAsync(Device device)
    {
        _sharedDevices.Add();
        _devices.Add(device);
        return AttachAsync(device);
    }

    internal async ValueTask RemoveDeviceAsync(Device device)
    {
        await UnbindAsync(device);
        _sharedDevices.Add();
        _ = _devices.Remove(device); // it is there while it is added
    }
}
