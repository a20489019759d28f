using System;
using System.Collections.Generic;
using System.Threading.Tasks;
using RemoteprocEmu.DriverModel.Devices;
using RemoteprocEmu.DriverModel.Nodes;
using RemoteprocEmu.Platform;
using RemoteprocEmu.Rpmsg.Bus;
using RemoteprocEmu.Rpmsg.Drivers;
using RemoteprocEmu.Rpmsg.Tests.Machine;
using Xunit;

namespace RemoteprocEmu.Rpmsg.Tests.Bus;

/// <summary>Which driver a channel gets, and what a backend with flow control adds.</summary>
public sealed class MatchTests : IDisposable
{
    private readonly RpmsgMachine _machine = new();

    public void Dispose() => _machine.Dispose();

    [Fact]
    public void A_driver_takes_each_channel_of_its_table() => Run(async _ =>
    {
        NamedDriver driver = new("two", "a", "b");
        Assert.Equal(Errno.Ok, await _machine.Core.Bus.RegisterDriverAsync(driver));
        await _machine.AnnounceAsync("a", 1);
        await _machine.AnnounceAsync("b", 2);
        await _machine.AnnounceAsync("ab", 3);
        await _machine.AnnounceAsync("A", 4);
        Assert.Equal(["a", "b"], driver.Probed);
    });

    [Fact]
    public void An_empty_name_in_a_table_ends_it() => Run(async _ =>
    {
        NamedDriver driver = new("odd", "", "b");
        Assert.Equal(Errno.Ok, await _machine.Core.Bus.RegisterDriverAsync(driver));
        await _machine.AnnounceAsync("", 1);
        await _machine.AnnounceAsync("b", 2);
        Assert.Empty(driver.Probed);
    });

    [Fact]
    public void The_first_driver_whose_probe_succeeds_has_it() => Run(async _ =>
    {
        NamedDriver unwilling = new("unwilling", "a") { Result = Errno.ENODEV };
        NamedDriver willing = new("willing", "a");
        NamedDriver late = new("late", "a");
        foreach (NamedDriver driver in (NamedDriver[])[unwilling, willing, late])
            Assert.Equal(Errno.Ok, await _machine.Core.Bus.RegisterDriverAsync(driver));
        await _machine.AnnounceAsync("a", 1);
        Assert.Equal((1, 1, 0), (unwilling.Probed.Count, willing.Probed.Count, late.Probed.Count));
        Assert.Equal("willing", Assert.Single(_machine.Channels).Driver!.Name);
    });

    [Fact]
    public void A_driver_override_written_to_sysfs_counts_at_the_next_bind() => Run(async _ =>
    {
        NamedDriver usual = new("usual", "a");
        NamedDriver other = new("other");
        Assert.Equal(Errno.Ok, await _machine.Core.Bus.RegisterDriverAsync(usual));
        Assert.Equal(Errno.Ok, await _machine.Core.Bus.RegisterDriverAsync(other));
        await _machine.AnnounceAsync("a", 1);
        RpmsgDevice channel = Assert.Single(_machine.Channels);
        await channel.StoreDriverOverrideAsync("other\n");
        Assert.Equal("usual", channel.Driver!.Name);
        await _machine.Core.Bus.UnbindAsync(channel);
        await _machine.Core.Bus.AttachAsync(channel);
        Assert.Equal("other", channel.Driver!.Name);
        await channel.StoreDriverOverrideAsync("\n");
        Assert.Null(channel.DriverOverride);
    });

    [Fact]
    public void A_device_tree_node_binds_where_no_name_does() => Run(async backend =>
    {
        NamedDriver driver = new("tree", "a") { OfMatch = ["acme,service"] };
        Assert.Equal(Errno.Ok, await _machine.Core.Bus.RegisterDriverAsync(driver));
        RpmsgDevice channel = await backend.AddAsync("z", compatible: "acme,service");
        Assert.Equal(driver, channel.Driver);
        RpmsgDevice another = await backend.AddAsync("y", compatible: "acme,other");
        Assert.Null(another.Driver);
        await another.UnregisterAsync();
        await channel.UnregisterAsync();
    });

    [Fact]
    public void A_remote_that_restricts_the_flow_is_heard_by_poll_and_ioctl() => Run(async backend =>
    {
        Assert.Equal(Errno.Ok, await _machine.Kernel.Modules.InsmodAsync(_machine.Character));
        RpmsgDevice channel = await backend.AddAsync("rpmsg-raw");
        DeviceFile file = await _machine.OpenAsync("/dev/rpmsg0");
        Assert.Equal(64, channel.Endpoint!.MtuBytes);
        Assert.Equal((Errno.Ok, PollEvents.Out), await file.PollAsync(PollEvents.Out | PollEvents.Pri, timeoutNs: 0));
        Assert.Equal(Errno.Ok, await file.IoctlAsync(RpmsgIoctl.SetIncomingFlowControl, 1));
        Assert.Equal(Errno.Ok, await file.IoctlAsync(RpmsgIoctl.SetIncomingFlowControl));
        Assert.Equal(["0x7 stop", "0x7 go on"], backend.Told);

        backend.Restrict(true);
        Assert.Equal((Errno.Ok, PollEvents.Pri), await file.PollAsync(PollEvents.Pri));
        byte[] value = new byte[4];
        Assert.Equal(Errno.Ok, await file.IoctlAsync(RpmsgIoctl.GetOutgoingFlowControl, value));
        Assert.Equal([1, 0, 0, 0], value);
        Assert.Equal((Errno.Ok, PollEvents.None), await file.PollAsync(PollEvents.Pri, timeoutNs: 0)); // read, and so no news
        Assert.Equal(Errno.Ok, await file.CloseAsync());
        await channel.UnregisterAsync();
    });

    private void Run(Func<LoopbackBackend, ValueTask> test) => _machine.Run(8, async () =>
    {
        Device edge = new(_machine.Kernel, "edge");
        Assert.Equal(Errno.Ok, await edge.AddAsync());
        await test(new LoopbackBackend(_machine.Core.Bus, edge));
        await edge.UnregisterAsync();
    });

    private sealed class NamedDriver(string name, params string[] services) : RpmsgDriver(name, null, services)
    {
        public List<string> Probed { get; } = [];

        public Errno Result { get; init; }

        public string[] OfMatch { get; init; } = [];

        public override IReadOnlyList<string> OfMatchTable => OfMatch;

        public override ValueTask<Errno> ProbeAsync(RpmsgDevice device)
        {
            Probed.Add(device.Id);
            return new ValueTask<Errno>(Result);
        }
    }
}
