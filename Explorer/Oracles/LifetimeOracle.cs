using RemoteprocEmu.DriverModel;
using RemoteprocEmu.DriverModel.Devices;
using RemoteprocEmu.Remoteproc;
using RemoteprocEmu.Remoteproc.Lifecycle;
using RemoteprocEmu.Virtio.Device;

namespace RemoteprocEmu.Explorer.Oracles;

/// <summary>Nothing outlives its parent: no channel without its vdev, no callback after its module's exit.</summary>
internal sealed class LifetimeOracle(FindingList findings, Kernel kernel)
{
    public void OutlivesParent(string child, string parent) =>
        findings.Add(OracleRule.Lifetime, $"{child} outlives {parent}", $"{parent} is deleted, and its child {child} is still there");

    public void CalledAfterExit(string what, string driver) =>
        findings.Add(OracleRule.Lifetime, $"{what} is called too late",
            $"{what} is called, and its driver is gone; bound now: {driver}");

    public void AtQuiet()
    {
        for (int i = 0; i < kernel.Devices.Count; i++)
        {
            Device device = kernel.Devices[i];
            if (!device.IsAdded) continue;
            if (device.Parent is { IsAdded: false } parent) OutlivesParent(device.Name, parent.Name);
            if (device is VirtioDevice { Driver: { } driver } && ProcessorOf(device) is { State: RprocState.Offline } rproc)
            {
                findings.Add(OracleRule.Lifetime, $"{device.Name} is bound without processor",
                    $"{driver.Name} is bound to {device.Name}, and {rproc.Name} is {rproc.State.Word()}");
            }
        }
    }

    private static Rproc? ProcessorOf(Device device)
    {
        Device? ancestor = device.Parent;
        while (ancestor is not null and not Rproc) ancestor = ancestor.Parent;
        return (Rproc?)ancestor;
    }
}
