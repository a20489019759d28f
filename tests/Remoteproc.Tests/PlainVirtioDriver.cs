using System.Collections.Generic;
using System.Threading.Tasks;
using RemoteprocEmu.DriverModel;
using RemoteprocEmu.DriverModel.Modules;
using RemoteprocEmu.Platform;
using RemoteprocEmu.Virtio.Device;

namespace RemoteprocEmu.Remoteproc.Tests;

/// <summary>
/// A virtio driver of any id that asks for two queues and then does nothing: stands for virtio_net where no frame is to pass.
/// </summary>
internal sealed class PlainVirtioModule(Kernel kernel, VirtioBus bus, string name, uint id) : KernelModule(kernel, name)
{
    private PlainDriver? _driver;

    public Errno FindVqsErrno { get; set; }

    public int BoundCount { get; private set; }

    protected override async ValueTask<Errno> InitAsync() => await bus.RegisterDriverAsync(_driver = new PlainDriver(this, id));

    protected override ValueTask ExitAsync() => bus.UnregisterDriverAsync(_driver!);

    private sealed class PlainDriver(PlainVirtioModule module, uint id) : VirtioDriver(module.Name, module)
    {
        public override IReadOnlyList<VirtioDeviceId> IdTable { get; } = [new VirtioDeviceId(id)];

        public override async ValueTask<Errno> ProbeAsync(VirtioDevice device)
        {
            if (module.FindVqsErrno != Errno.Ok) return module.FindVqsErrno;
            (Errno errno, _) = await device.FindVqsAsync(new VirtqueueRequest("input", null), new VirtqueueRequest("output", null));
            if (errno == Errno.Ok) module.BoundCount++;
            return errno;
        }

        public override async ValueTask RemoveAsync(VirtioDevice device)
        {
            device.Reset();
            await device.Config.DelVqsAsync(device);
            module.BoundCount--;
        }
    }
}
