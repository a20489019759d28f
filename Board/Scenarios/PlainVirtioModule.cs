using System;
using System.Collections.Generic;
using System.Threading.Tasks;
using RemoteprocEmu.DriverModel;
using RemoteprocEmu.DriverModel.Modules;
using RemoteprocEmu.Platform;
using RemoteprocEmu.Virtio.Device;

namespace RemoteprocEmu.Board.Scenarios;

/// <summary>
/// A virtio driver of any id that asks for two queues and then does nothing: stands for virtio_net where no frame is to pass.
/// </summary>
/// <param name="kernel">Where.</param>
/// <param name="bus">The virtio bus.</param>
/// <param name="name">Module and driver: <c>virtio_net</c>.</param>
/// <param name="id">The virtio device id that it is for.</param>
public sealed class PlainVirtioModule(Kernel kernel, VirtioBus bus, string name, uint id) : KernelModule(kernel, name)
{
    private PlainDriver? _driver;

    /// <inheritdoc/>
    protected override async ValueTask<Errno> InitAsync() => await bus.RegisterDriverAsync(_driver = new PlainDriver(this, id));

    /// <inheritdoc/>
    protected override ValueTask ExitAsync() => bus.UnregisterDriverAsync(_driver!);

    private sealed class PlainDriver(PlainVirtioModule module, uint id) : VirtioDriver(module.Name, module)
    {
        public override IReadOnlyList<VirtioDeviceId> IdTable { get; } = [new VirtioDeviceId(id)];

        public override async ValueTask<Errno> ProbeAsync(VirtioDevice device)
        {
            (Errno errno, _) = await device.FindVqsAsync(new VirtqueueRequest("input", null), new VirtqueueRequest("output", null));
            return errno;
        }

        public override ValueTask RemoveAsync(VirtioDevice device)
        {
            ArgumentNullException.ThrowIfNull(device);
            device.Reset();
            return device.Config.DelVqsAsync(device);
        }
    }
}
