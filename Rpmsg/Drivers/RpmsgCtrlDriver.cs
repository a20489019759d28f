using System.Threading.Tasks;
using RemoteprocEmu.DriverModel.Devices;
using RemoteprocEmu.Platform;
using RemoteprocEmu.Rpmsg.Bus;

namespace RemoteprocEmu.Rpmsg.Drivers;

/// <summary>rpmsg_ctrl: bound by override to the service that each vdev has for it. Source: Linux drivers/rpmsg/rpmsg_ctrl.c.</summary>
internal sealed class RpmsgCtrlDriver(RpmsgCtrlModule module, RpmsgCharModule character)
    : RpmsgDriver(RpmsgCtrlModule.ModuleName, module, [])
{
    private readonly IdAllocator _ids = new();

    /// <inheritdoc/>
    public override async ValueTask<Errno> ProbeAsync(RpmsgDevice device)
    {
        CtrlDevice control = new(this, _ids.Take(), device);
        RpmsgCtrlNode node = new(module, character, control, device);
        Errno errno = await control.AddAsync();
        if (errno != Errno.Ok)
        {
            control.Put();
            return errno;
        }

        Invariant.Check(device.Kernel.Nodes.Add(node) == Errno.Ok, "a number is given out once");
        device.DriverData = node;
        return errno;
    }

    /// <inheritdoc/>
    public override ValueTask RemoveAsync(RpmsgDevice device) => ((RpmsgCtrlNode)device.DriverData!).DestroyAsync();

    private sealed class CtrlDevice(RpmsgCtrlDriver driver, int id, RpmsgDevice parent)
        : Device(parent.Kernel, $"rpmsg_ctrl{id}", parent, bus: null, className: "rpmsg")
    {
        protected override void Release() => driver._ids.Release(id);
    }
}
