using System;

namespace RemoteprocEmu.DriverModel.Devices;

/// <summary>The platform bus: a driver is for the devices that carry its name. Source: drivers/base/platform.c, platform_match.</summary>
public sealed class PlatformBus(Kernel kernel) : Bus(kernel, "platform")
{
    /// <inheritdoc/>
    protected override bool Match(Device device, Driver driver) =>
        device is PlatformDevice platformDevice && string.Equals(platformDevice.Compatible, driver.Name, StringComparison.Ordinal);
}

/// <summary>A device that the board's description names: it does not move and is not discovered.</summary>
/// <param name="kernel">Where.</param>
/// <param name="bus">The platform bus.</param>
/// <param name="name">Its name in sysfs: <c>40000000.remoteproc</c>.</param>
/// <param name="compatible">The driver it is for.</param>
/// <param name="platformData">What the board tells the driver.</param>
/// <param name="parent">Its parent; null for none.</param>
public class PlatformDevice(
    Kernel kernel, PlatformBus bus, string name, string compatible, object? platformData = null, Device? parent = null)
    : Device(kernel, name, parent, bus)
{
    /// <summary>The driver it is for.</summary>
    public string Compatible { get; } = compatible;

    /// <summary>What the board tells the driver.</summary>
    public object? PlatformData { get; } = platformData;
}
