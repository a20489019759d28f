using System.Collections.Generic;
using RemoteprocEmu.Platform;
using RemoteprocEmu.Platform.Faults;
using RemoteprocEmu.Platform.Tasks;
using Xunit;

namespace RemoteprocEmu.DriverModel.Tests;

public class DeviceTests
{
    private readonly VirtualScheduler _scheduler = new();
    private readonly Kernel _kernel;
    private readonly TestBus _bus;
    private readonly List<string> _events = [];

    public DeviceTests()
    {
        _kernel = new Kernel(_scheduler);
        _bus = new TestBus(_kernel);
    }

    [Fact]
    public void A_device_is_released_once_with_its_last_reference() => _scheduler.Run(async () =>
    {
        TestDevice device = new(_kernel, "remoteproc0", _events);
        Assert.Equal(1, device.ReferenceCount);
        Assert.Equal(Errno.Ok, await device.AddAsync());
        Assert.Equal(2, device.ReferenceCount);
        device.Get();
        await device.UnregisterAsync();
        Assert.False(device.IsAdded);
        Assert.False(device.IsReleased);
        Assert.Equal([device], _kernel.Devices);

        device.Put();
        Assert.True(device.IsReleased);
        Assert.Equal(["release remoteproc0"], _events);
        Assert.Empty(_kernel.Devices);
        Assert.Throws<InvariantException>(device.Put);
        Assert.Throws<InvariantException>(device.Get);
        Assert.Single(_events);
    });

    [Fact]
    public void A_device_that_is_never_added_is_released_by_its_creator()
    {
        TestDevice device = new(_kernel, "remoteproc0", _events);
        device.Put();
        Assert.Equal(["release remoteproc0"], _events);
    }

    [Fact]
    public void An_added_device_keeps_its_last_reference_until_it_is_deleted() => _scheduler.Run(async () =>
    {
        TestDevice device = new(_kernel, "remoteproc0", _events);
        Assert.Equal(Errno.Ok, await device.AddAsync());
        device.Put(); // the creator's
        Assert.Throws<InvariantException>(device.Put); // that was the bus's own
    });

    [Fact]
    public void A_child_holds_its_parent_and_is_seen_while_it_is_added() => _scheduler.Run(async () =>
    {
        TestDevice parent = new(_kernel, "remoteproc0", _events), child = new(_kernel, "rproc-virtio.0", _events, parent: parent);
        Assert.Equal(Errno.Ok, await parent.AddAsync());
        Assert.Empty(parent.Children);
        Assert.Equal(Errno.Ok, await child.AddAsync());
        Assert.Equal([child], parent.Children);
        Assert.Same(parent, child.Parent);

        await parent.UnregisterAsync();
        Assert.False(parent.IsReleased);
        await child.UnregisterAsync();
        Assert.Empty(parent.Children);
        Assert.Equal(["release rproc-virtio.0", "release remoteproc0"], _events);
    });

    [Fact]
    public void A_second_device_of_a_name_is_EEXIST_until_the_first_is_gone() => _scheduler.Run(async () =>
    {
        TestDevice first = new(_kernel, "a0", _events, _bus), second = new(_kernel, "a0", _events, _bus);
        Assert.Equal(Errno.Ok, await first.AddAsync());
        Assert.Equal(Errno.EEXIST, await second.AddAsync());
        Assert.False(second.IsAdded);
        Assert.Equal(1, second.ReferenceCount);
        await first.DeleteAsync();
        await first.DeleteAsync(); // no effect
        Assert.Equal(1, first.ReferenceCount);
        Assert.Equal(Errno.Ok, await second.AddAsync());
        Assert.Equal([second], _bus.Devices);
    });

    [Fact]
    public void A_deleted_device_loses_its_driver_first() => _scheduler.Run(async () =>
    {
        TestDevice device = new(_kernel, "a0", _events, _bus);
        Assert.Equal(Errno.Ok, await _bus.RegisterDriverAsync(new TestDriver("a", _events)));
        Assert.Equal(Errno.Ok, await device.AddAsync());
        device.DriverData = "state";
        await device.UnregisterAsync();
        Assert.Equal(["a probe a0", "a remove a0", "release a0"], _events);
        Assert.Null(device.DriverData);
        Assert.Empty(_bus.Devices);
    });

    [Fact]
    public void An_addition_can_fail_before_anything_is_seen() => _scheduler.Run(async () =>
    {
        Kernel kernel = new(_scheduler, new FailNth(0, Errno.ENOMEM));
        TestDevice device = new(kernel, "a0", _events, new TestBus(kernel));
        Assert.Equal(Errno.ENOMEM, await device.AddAsync());
        Assert.False(device.IsAdded);
        Assert.Empty(device.Bus!.Devices);
        device.Put();
        Assert.Equal(["release a0"], _events);
    });

    [Fact]
    public void In_the_log_a_device_stands_behind_its_driver_its_bus_or_its_class() => _scheduler.Run(async () =>
    {
        TestDevice classOnly = new(_kernel, "remoteproc0", _events), onBus = new(_kernel, "a0", _events, _bus);
        Assert.Equal("testclass", classOnly.DriverString);
        Assert.Equal("test", onBus.DriverString);
        Assert.Equal(Errno.Ok, await _bus.RegisterDriverAsync(new TestDriver("a", _events)));
        Assert.Equal(Errno.Ok, await onBus.AddAsync());
        Assert.Equal("a", onBus.DriverString);
    });
}
