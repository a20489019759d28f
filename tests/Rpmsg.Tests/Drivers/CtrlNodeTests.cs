using System;
using System.Linq;
using System.Text;
using System.Threading.Tasks;
using RemoteprocEmu.DriverModel.Nodes;
using RemoteprocEmu.Platform;
using RemoteprocEmu.Rpmsg.Drivers;
using RemoteprocEmu.Rpmsg.Tests.Machine;
using RemoteprocEmu.Rpmsg.Wire;
using Xunit;

namespace RemoteprocEmu.Rpmsg.Tests.Drivers;

/// <summary>/dev/rpmsg_ctrl*.</summary>
public sealed class CtrlNodeTests : IDisposable
{
    private static readonly RpmsgAddress Peer = new(30);

    private readonly RpmsgMachine _machine = new();

    public void Dispose() => _machine.Dispose();

    [Fact]
    public void Each_vdev_has_a_control_node_with_the_lowest_free_number() => Run(async ctrl =>
    {
        await _machine.AddVdevAsync(8, 8);
        Assert.Equal(["rpmsg_ctrl0", "rpmsg_ctrl1"], Nodes());
        Assert.Equal("rpmsg_ctrl", _machine.Control.Driver!.Name);

        VirtioBusUnbind unbound = await UnbindAsync(0);
        Assert.Equal(["rpmsg_ctrl1"], Nodes());
        await unbound.BindAsync();
        Assert.Equal(["rpmsg_ctrl1", "rpmsg_ctrl2"], Nodes()); // rpmsg_ctrl0 is still open
        Assert.Equal(Errno.ENODEV, await ctrl.IoctlAsync(RpmsgIoctl.CreateChannel, Info("x", RpmsgAddress.Any, Peer)));
        Assert.Equal(Errno.Ok, await ctrl.CloseAsync());
        unbound = await UnbindAsync(1);
        await unbound.BindAsync();
        Assert.Equal(["rpmsg_ctrl0", "rpmsg_ctrl2"], Nodes());
    });

    [Fact]
    public void An_endpoint_node_is_made_and_taken_away() => Run(async ctrl =>
    {
        Assert.Equal(Errno.Ok, await ctrl.IoctlAsync(RpmsgIoctl.CreateEndpoint, Info("a", RpmsgAddress.Any, Peer)));
        Assert.Equal(Errno.Ok, await ctrl.IoctlAsync(RpmsgIoctl.CreateEndpoint, Info("b", RpmsgAddress.Any, Peer)));
        Assert.Equal(["rpmsg0", "rpmsg1", "rpmsg_ctrl0"], Nodes());
        DeviceFile file = await _machine.OpenAsync("/dev/rpmsg0");
        Assert.Equal(Errno.Ok, await file.IoctlAsync(RpmsgIoctl.DestroyEndpoint));
        Assert.Equal(["rpmsg1", "rpmsg_ctrl0"], Nodes());
        Assert.Equal(Errno.EINVAL, await file.IoctlAsync(RpmsgIoctl.DestroyEndpoint)); // the kernel frees it twice

        Assert.Equal(Errno.Ok, await ctrl.IoctlAsync(RpmsgIoctl.CreateEndpoint, Info("c", RpmsgAddress.Any, Peer)));
        Assert.Equal(["rpmsg1", "rpmsg2", "rpmsg_ctrl0"], Nodes()); // the number is the open file's
        Assert.Equal(Errno.Ok, await file.CloseAsync());
        Assert.Equal(Errno.Ok, await ctrl.IoctlAsync(RpmsgIoctl.CreateEndpoint, Info("d", RpmsgAddress.Any, Peer)));
        Assert.Equal(["rpmsg0", "rpmsg1", "rpmsg2", "rpmsg_ctrl0"], Nodes());
    });

    [Fact]
    public void A_channel_is_made_and_taken_away() => Run(async ctrl =>
    {
        byte[] info = Info("x", new RpmsgAddress(100), Peer);
        Assert.Equal(Errno.Ok, await ctrl.IoctlAsync(RpmsgIoctl.CreateChannel, info));
        Assert.Equal("virtio0.x.100.30", Assert.Single(_machine.Channels).Name);
        Assert.Equal(Errno.ENXIO, await ctrl.IoctlAsync(RpmsgIoctl.CreateChannel, info));
        Assert.Equal(
            [
                "virtio_rpmsg_bus virtio0: channel x:64:1e already exist",
                "rpmsg rpmsg_ctrl0: failed to create x channel",
            ],
            _machine.Log.TakeLast(2));
        Assert.Equal(Errno.Ok, await ctrl.IoctlAsync(RpmsgIoctl.ReleaseChannel, info));
        Assert.Empty(_machine.Channels);
        Assert.Equal(Errno.EINVAL, await ctrl.IoctlAsync(RpmsgIoctl.ReleaseChannel, info));
        Assert.Equal("rpmsg rpmsg_ctrl0: failed to release x channel (-22)", _machine.Log[^1]);
    });

    [Fact]
    public void A_command_of_no_meaning_is_refused() => Run(async ctrl =>
    {
        Assert.Equal(Errno.EINVAL, await ctrl.IoctlAsync(RpmsgIoctl.DestroyEndpoint, Info("x", RpmsgAddress.Any, Peer)));
        Assert.Equal(Errno.EINVAL, await ctrl.IoctlAsync(0xC030_B507, new byte[48])); // RPMSG_CREATE_EPT_FD_IOCTL, 2025
        Assert.Equal(Errno.EFAULT, await ctrl.IoctlAsync(RpmsgIoctl.CreateEndpoint, new byte[39]));
        Assert.Equal(Errno.EFAULT, await ctrl.IoctlAsync(0xDEAD));
        Assert.Equal(Errno.EINVAL, (await ctrl.ReadAsync(new byte[1])).Errno);
        Assert.Equal(Errno.EINVAL, (await ctrl.WriteAsync(new byte[1])).Errno);
        Assert.Equal((Errno.Ok, PollEvents.In), await ctrl.PollAsync(PollEvents.In, timeoutNs: 0)); // no poll of its own
    });

    [Fact]
    public void A_name_of_32_bytes_is_cut_to_31() => Run(async ctrl =>
    {
        byte[] info = Info("", RpmsgAddress.Any, Peer);
        Encoding.ASCII.GetBytes(new string('n', 32)).CopyTo(info, 0);
        Assert.Equal(Errno.Ok, await ctrl.IoctlAsync(RpmsgIoctl.CreateChannel, info));
        Assert.Equal(new string('n', 31), Assert.Single(_machine.Channels).Id);
    });

    [Fact]
    public void A_control_node_that_releases_its_own_service_would_wait_for_itself() => Run(async ctrl =>
    {
        byte[] own = Info("rpmsg_ctrl", RpmsgAddress.Any, RpmsgAddress.Any);
        Assert.Equal(Errno.EDEADLK, await ctrl.IoctlAsync(RpmsgIoctl.ReleaseChannel, own));
        byte[] nameService = Info("rpmsg_ns", new(53), new(53));
        Assert.Equal(Errno.Ok, await ctrl.IoctlAsync(RpmsgIoctl.ReleaseChannel, nameService));
        await _machine.AnnounceAsync("x", 1030);
        Assert.Equal("virtio_rpmsg_bus virtio0: msg received with no recipient", _machine.Log[^1]);
    });

    [Fact]
    public void A_module_stays_while_a_file_of_its_is_open() => Run(async ctrl =>
    {
        Assert.Equal(Errno.Ok, await ctrl.IoctlAsync(RpmsgIoctl.CreateEndpoint, Info("a", RpmsgAddress.Any, Peer)));
        DeviceFile file = await _machine.OpenAsync("/dev/rpmsg0");
        Assert.Equal(Errno.EAGAIN, await _machine.Kernel.Modules.RmmodAsync("rpmsg_ctrl"));
        Assert.Equal(Errno.Ok, await ctrl.CloseAsync());
        Assert.Equal(Errno.Ok, await _machine.Kernel.Modules.RmmodAsync("rpmsg_ctrl"));
        Assert.Empty(Nodes()); // the endpoint's node was the control device's child
        Assert.Equal(Errno.EPIPE, (await file.ReadAsync(new byte[1])).Errno);
        Assert.Equal(Errno.EAGAIN, await _machine.Kernel.Modules.RmmodAsync("rpmsg_char"));
        Assert.Equal(Errno.Ok, await file.CloseAsync());
        Assert.Equal(Errno.Ok, await _machine.Kernel.Modules.RmmodAsync("rpmsg_char"));
        Assert.Null(_machine.Control.Driver);
    });

    private void Run(Func<DeviceFile, ValueTask> test) => _machine.Run(8, async () =>
    {
        await _machine.InsmodCharacterDevicesAsync();
        await test(await _machine.OpenAsync("/dev/rpmsg_ctrl0"));
    });

    private string[] Nodes() => [.. _machine.Kernel.Nodes.All.Select(node => node.Name)];

    private static byte[] Info(string name, RpmsgAddress source, RpmsgAddress destination) =>
        new RpmsgEndpointInfo(name, source, destination).ToArray();

    private async ValueTask<VirtioBusUnbind> UnbindAsync(int vdev)
    {
        VirtioBusUnbind unbound = new(_machine, vdev);
        await _machine.VirtioBus.UnbindAsync(_machine.Devices[vdev]);
        return unbound;
    }

    /// <summary>unbind and bind in sysfs.</summary>
    private sealed class VirtioBusUnbind(RpmsgMachine machine, int vdev)
    {
        private readonly DriverModel.Devices.Driver _driver = machine.Devices[vdev].Driver!;

        public async ValueTask BindAsync() => Assert.Equal(Errno.Ok, await machine.VirtioBus.BindAsync(machine.Devices[vdev], _driver));
    }
}
