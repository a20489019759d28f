using System.Threading.Tasks;
using RemoteprocEmu.DriverModel.Devices;
using RemoteprocEmu.Platform;
using RemoteprocEmu.Rpmsg.Bus;

namespace RemoteprocEmu.Rpmsg.Drivers;

/// <summary>rpmsg_tty: a terminal for each channel named rpmsg-tty. Source: Linux drivers/tty/rpmsg_tty.c.</summary>
internal sealed class RpmsgTtyDriver(RpmsgTtyModule module)
    : RpmsgDriver(RpmsgTtyModule.ModuleName, module, [RpmsgTtyModule.ServiceName])
{
    private readonly IdAllocator _ids = new();

    /// <inheritdoc/>
    public override RpmsgMessageHandler Handler => OnMessageAsync;

    /// <inheritdoc/>
    public override async ValueTask<Errno> ProbeAsync(RpmsgDevice device)
    {
        int id = _ids.Take(endExclusive: RpmsgTtyModule.TerminalCountMax);
        if (id < 0)
        {
            device.Kernel.Log.Error(device, $"error {Errno.ENOSPC.Name()}: Failed to alloc tty port");
            return Errno.ENOSPC;
        }

        TtyDevice terminal = new(this, id, device);
        Errno errno = await terminal.AddAsync();
        if (errno != Errno.Ok)
        {
            device.Kernel.Log.Error(device, $"error {errno.Name()}: Failed to register tty port");
            terminal.Put();
            return errno;
        }

        RpmsgTtyNode node = new(module, terminal, device);
        Invariant.Check(device.Kernel.Nodes.Add(node) == Errno.Ok, "a number is given out once");
        device.DriverData = node;
        return Errno.Ok;
    }

    /// <inheritdoc/>
    public override ValueTask RemoveAsync(RpmsgDevice device) => ((RpmsgTtyNode)device.DriverData!).HangUpAsync();

    private static ValueTask OnMessageAsync(RpmsgMessage message)
    {
        if (message.Endpoint.Device.DriverData is RpmsgTtyNode node) node.OnMessage(message); // before its probe the kernel would fault
        return ValueTask.CompletedTask;
    }

    /// <summary>The tty device. It keeps its number until the last who has it open lets go.</summary>
    private sealed class TtyDevice(RpmsgTtyDriver driver, int id, RpmsgDevice parent)
        : Device(parent.Kernel, $"{RpmsgTtyModule.NodeName}{id}", parent, bus: null, className: "tty")
    {
        protected override void Release() => driver._ids.Release(id);
    }
}
