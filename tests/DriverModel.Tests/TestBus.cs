using System;
using System.Collections.Generic;
using System.Threading.Tasks;
using RemoteprocEmu.DriverModel.Devices;
using RemoteprocEmu.DriverModel.Modules;
using RemoteprocEmu.Platform;

namespace RemoteprocEmu.DriverModel.Tests;

/// <summary>A bus on which a driver is for the devices whose name begins with its own.</summary>
internal sealed class TestBus(Kernel kernel) : Bus(kernel, "test")
{
    protected override bool Match(Device device, Driver driver) => device.Name.StartsWith(driver.Name, StringComparison.Ordinal);
}

/// <summary>A driver that writes down what happens to it.</summary>
internal sealed class TestDriver(string name, List<string> events, Func<Device, ValueTask<Errno>>? probe = null) : Driver(name, owner: null)
{
    public override async ValueTask<Errno> ProbeAsync(Device device)
    {
        events.Add($"{Name} probe {device.Name}");
        return probe is null ? Errno.Ok : await probe(device);
    }

    public override ValueTask RemoveAsync(Device device)
    {
        events.Add($"{Name} remove {device.Name}");
        return ValueTask.CompletedTask;
    }
}

/// <summary>A device that writes down its release.</summary>
internal sealed class TestDevice(Kernel kernel, string name, List<string> events, Bus? bus = null, Device? parent = null)
    : Device(kernel, name, parent, bus, className: "testclass")
{
    protected override void Release() => events.Add($"release {Name}");
}

/// <summary>A module that writes down its init and exit, and takes time for both.</summary>
internal sealed class TestModule(Kernel kernel, string name, List<string> events, params string[] dependsOn) : KernelModule(kernel, name)
{
    public Errno InitErrno { get; set; }

    public long InitNs { get; set; }

    public long ExitNs { get; set; }

    public override IReadOnlyList<string> DependsOn => dependsOn;

    protected override async ValueTask<Errno> InitAsync()
    {
        events.Add($"init {Name}");
        await Kernel.Scheduler.DelayAsync(InitNs);
        return InitErrno;
    }

    protected override async ValueTask ExitAsync()
    {
        await Kernel.Scheduler.DelayAsync(ExitNs);
        events.Add($"exit {Name}");
    }
}
