using System.Threading.Tasks;
using RemoteprocEmu.DriverModel.Modules;
using RemoteprocEmu.Platform;

namespace RemoteprocEmu.DriverModel.Devices;

/// <summary>A driver of some bus. Binding takes no reference on its module: unloading the module unbinds.</summary>
/// <remarks>Source: include/linux/device/driver.h.</remarks>
public abstract class Driver(string name, KernelModule? owner)
{
    /// <summary>Its name in sysfs and in front of its log lines.</summary>
    public string Name { get; } = name;

    /// <summary>The module whose code it is; null when built in.</summary>
    public KernelModule? Owner { get; } = owner;

    /// <summary>Binds to a device. Called with the device's lock held.</summary>
    /// <returns>Ok; EPROBE_DEFER to be asked again later; or why not. On an error it holds nothing.</returns>
    public abstract ValueTask<Errno> ProbeAsync(Device device);

    /// <summary>Lets go of a device. Called with the device's lock held. Cannot fail.</summary>
    public abstract ValueTask RemoveAsync(Device device);

    /// <inheritdoc/>
    public override string ToString() => Name;
}
