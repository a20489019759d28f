using System;
using System.Linq;
using System.Text;
using System.Threading.Tasks;
using RemoteprocEmu.DriverModel.Nodes;
using RemoteprocEmu.Platform;
using RemoteprocEmu.Platform.Tasks;
using RemoteprocEmu.Rpmsg.Bus;
using RemoteprocEmu.Rpmsg.Drivers;
using RemoteprocEmu.Rpmsg.Remote;
using RemoteprocEmu.Rpmsg.Tests.Machine;
using RemoteprocEmu.Rpmsg.Wire;
using RemoteprocEmu.Virtio.Device;
using Xunit;

namespace RemoteprocEmu.Rpmsg.Tests.Drivers;

/// <summary>Channels named rpmsg-raw, and what happens when they go.</summary>
public sealed class RawChannelTests : IDisposable
{
    private readonly RpmsgMachine _machine = new();

    public void Dispose() => _machine.Dispose();

    [Fact]
    public void A_channel_named_rpmsg_raw_is_a_node_with_the_channels_own_endpoint() => Run(_machine, async () =>
    {
        await _machine.AnnounceAsync("rpmsg-raw", 1030);
        RpmsgDevice channel = Assert.Single(_machine.Channels);
        Assert.Equal("rpmsg_chrdev", channel.Driver!.Name);
        Assert.Equal(1024u, channel.Endpoint!.Address.Value);
        Send("before it was opened");
        _ = await _machine.InterruptRxAsync();

        DeviceFile file = await _machine.OpenAsync("/dev/rpmsg0");
        Assert.Equal("before it was opened", await ReadAsync(file));
        Assert.Equal(Errno.EINVAL, await file.IoctlAsync(RpmsgIoctl.DestroyEndpoint));
        RpmsgAddress heard = default;
        RemoteMessageHandler listen = (_, in message) => heard = message.Source;
        Assert.Equal(RemoteStatus.Ok, _machine.Remote.TryCreateEndpoint("", new RpmsgAddress(1030), listen, out _));
        Assert.Equal(IoResult.Moved(1), await file.WriteAsync("x"u8.ToArray()));
        _ = _machine.Remote.Poll();
        Assert.Equal(1024u, heard.Value);

        Send("is lost with the file");
        _ = await _machine.InterruptRxAsync();
        Assert.Equal(Errno.Ok, await file.CloseAsync());
        Assert.Equal(1024u, channel.Endpoint!.Address.Value); // closing does not destroy it
        file = await _machine.OpenAsync("/dev/rpmsg0", OpenFlags.ReadWrite | OpenFlags.NonBlock);
        Assert.Equal(IoResult.Failed(Errno.EAGAIN), await file.ReadAsync(new byte[64]));
    });

    [Fact]
    public void A_channel_that_goes_ends_its_readers_and_its_number_waits_for_the_file() => Run(_machine, async () =>
    {
        await _machine.AnnounceAsync("rpmsg-raw", 1030);
        DeviceFile file = await _machine.OpenAsync("/dev/rpmsg0");
        IoResult result = default;
        KernelTask reader = _machine.Scheduler.Spawn("reader", async () => result = await file.ReadAsync(new byte[8]));
        await _machine.Scheduler.DelayAsync(1_000);
        await _machine.AnnounceAsync("rpmsg-raw", 1030, NameServiceFlags.Destroy);
        _ = await reader.Ended.WaitAsync();
        Assert.Equal(IoResult.Failed(Errno.EPIPE), result);

        await _machine.AnnounceAsync("rpmsg-raw", 1030);
        Assert.Equal(["rpmsg1", "rpmsg_ctrl0"], _machine.Kernel.Nodes.All.Select(node => node.Name));
        Assert.Equal(Errno.Ok, await file.CloseAsync());
        await _machine.AnnounceAsync("rpmsg-raw", 1031);
        Assert.Equal(["rpmsg0", "rpmsg1", "rpmsg_ctrl0"], _machine.Kernel.Nodes.All.Select(node => node.Name));
    });

    [Fact]
    public void In_whatever_order_programs_and_removal_come_nothing_is_left()
    {
        int pipes = 0;
        int reads = 0;
        for (int seed = 0; seed < 400; seed++)
        {
            using RpmsgMachine machine = new(new SeededChoices((ulong)seed));
            Run(machine, async () =>
            {
                await machine.AnnounceAsync("rpmsg-raw", 1030);
                Virtqueue input = machine.Device.Virtqueues[0];
                Assert.Equal(RemoteStatus.Ok, machine.Remote.TrySend(new RpmsgAddress(1030), new RpmsgAddress(1024), "m"u8));
                Assert.Equal(RemoteStatus.Ok, machine.Remote.TrySend(new RpmsgAddress(30), new RpmsgAddress(2000), "m"u8));
                if (seed % 2 == 0)
                    Assert.Equal(RemoteStatus.Ok, machine.Remote.TrySendNameService("rpmsg-raw", new(1030), NameServiceFlags.Destroy));
                KernelTask[] tasks =
                [
                    machine.Scheduler.Spawn("irq", async () => _ = await input.InterruptAsync()),
                    machine.Scheduler.Spawn("raw", () => UseAsync(machine, "/dev/rpmsg0")),
                    machine.Scheduler.Spawn("maker", () => MakeAndUseAsync(machine)),
                    machine.Scheduler.Spawn("rmmod", async () =>
                        Assert.Equal(Errno.Ok, await machine.Kernel.Modules.RmmodAsync("virtio_rpmsg_bus"))),
                ];
                foreach (KernelTask task in tasks) _ = await task.Ended.WaitAsync();
                Assert.Empty(machine.Kernel.Nodes.All);
                Assert.Equal([machine.Device], machine.Kernel.Devices);
                Assert.Equal(Errno.Ok, await machine.Kernel.Modules.RmmodAsync("rpmsg_ctrl"));
                Assert.Equal(Errno.Ok, await machine.Kernel.Modules.RmmodAsync("rpmsg_char"));
            });
        }

        Assert.True(pipes > 50 && reads > 50, $"{pipes} files whose device went, {reads} messages: not much of a race");

        async ValueTask MakeAndUseAsync(RpmsgMachine machine)
        {
            (Errno errno, DeviceFile? ctrl) = await machine.Kernel.Nodes.OpenAsync("/dev/rpmsg_ctrl0", OpenFlags.ReadWrite);
            if (errno != Errno.Ok) return;
            RpmsgEndpointInfo info = new("made", new RpmsgAddress(2000), new RpmsgAddress(30));
            errno = await ctrl!.IoctlAsync(RpmsgIoctl.CreateEndpoint, info.ToArray());
            Assert.True(errno is Errno.Ok or Errno.ENODEV, errno.ToString());
            await UseAsync(machine, "/dev/rpmsg1", destroys: true);
            _ = await ctrl.CloseAsync();
        }

        async ValueTask UseAsync(RpmsgMachine machine, string path, bool destroys = false)
        {
            (Errno errno, DeviceFile? file) = await machine.Kernel.Nodes.OpenAsync(path, OpenFlags.ReadWrite);
            Assert.True(errno is Errno.Ok or Errno.ENOENT or Errno.ENETRESET, errno.ToString());
            if (file is null) return;
            errno = (await file.WriteAsync("w"u8.ToArray())).Errno;
            Assert.True(errno is Errno.Ok or Errno.EPIPE, errno.ToString());
            (_, PollEvents events) = await file.PollAsync(PollEvents.In, timeoutNs: 1_000);
            errno = (events & PollEvents.In) == 0 ? Errno.EPIPE : (await file.ReadAsync(new byte[8])).Errno;
            Assert.True(errno is Errno.Ok or Errno.EPIPE, errno.ToString());
            if (errno == Errno.Ok) reads++;
            else pipes++;
            if (destroys) _ = await file.IoctlAsync(RpmsgIoctl.DestroyEndpoint);
            _ = await file.CloseAsync();
        }
    }

    private static void Run(RpmsgMachine machine, Func<ValueTask> test) => machine.Run(8, async () =>
    {
        await machine.InsmodCharacterDevicesAsync();
        await test();
    });

    private void Send(string text) => Assert.Equal(
        RemoteStatus.Ok, _machine.Remote.TrySend(new RpmsgAddress(1030), new RpmsgAddress(1024), Encoding.ASCII.GetBytes(text)));

    private static async ValueTask<string> ReadAsync(DeviceFile file)
    {
        byte[] buffer = new byte[600];
        IoResult result = await file.ReadAsync(buffer);
        return Encoding.ASCII.GetString(buffer, 0, result.LengthBytes);
    }
}
