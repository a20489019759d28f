using System.Collections.Generic;
using System.Linq;
using RemoteprocEmu.DriverModel.Devices;
using RemoteprocEmu.DriverModel.Log;
using RemoteprocEmu.Harness;
using RemoteprocEmu.Platform;
using RemoteprocEmu.Platform.Faults;
using RemoteprocEmu.Platform.Tasks;
using Xunit;

namespace RemoteprocEmu.DriverModel.Tests;

public class BusTests
{
    private readonly VirtualScheduler _scheduler = new();
    private readonly Kernel _kernel;
    private readonly TestBus _bus;
    private readonly List<string> _events = [];

    public BusTests()
    {
        _kernel = new Kernel(_scheduler);
        _bus = new TestBus(_kernel);
    }

    [Fact]
    public void A_driver_that_is_registered_is_bound_to_the_devices_that_are_there() => _scheduler.Run(async () =>
    {
        TestDevice a0 = new(_kernel, "a0", _events, _bus), b0 = new(_kernel, "b0", _events, _bus), a1 = new(_kernel, "a1", _events, _bus);
        foreach (Device device in (Device[])[a0, b0, a1]) Assert.Equal(Errno.Ok, await device.AddAsync());
        TestDriver driver = new("a", _events);
        Assert.Equal(Errno.Ok, await _bus.RegisterDriverAsync(driver));
        Assert.Equal(["a probe a0", "a probe a1"], _events);
        Assert.Equal([driver, null, driver], new[] { a0, b0, a1 }.Select(device => device.Driver));
    });

    [Fact]
    public void A_device_that_is_added_is_bound_to_the_first_driver_that_matches() => _scheduler.Run(async () =>
    {
        TestDriver first = new("a", _events), second = new("a0", _events);
        Assert.Equal(Errno.Ok, await _bus.RegisterDriverAsync(first));
        Assert.Equal(Errno.Ok, await _bus.RegisterDriverAsync(second));
        Assert.Equal(Errno.EBUSY, await _bus.RegisterDriverAsync(new TestDriver("a", _events)));
        TestDevice device = new(_kernel, "a0", _events, _bus);
        Assert.Equal(Errno.Ok, await device.AddAsync());
        Assert.Same(first, device.Driver);
        Assert.Equal(["a probe a0"], _events);
        Assert.Equal(Errno.EBUSY, await _bus.BindAsync(device, second));
        Assert.Equal([first, second], _bus.Drivers);
    });

    [Fact]
    public void A_probe_that_fails_leaves_the_device_free_and_says_so_in_the_log() => _scheduler.Run(async () =>
    {
        TestDevice device = new(_kernel, "a0", _events, _bus);
        TestDriver driver = new("a", _events, probed =>
        {
            probed.DriverData = "left behind";
            return new(Errno.EINVAL);
        });
        Assert.Equal(Errno.Ok, await _bus.RegisterDriverAsync(driver));
        Assert.Equal(Errno.Ok, await device.AddAsync()); // device_add does not fail because a probe does
        Assert.Null(device.Driver);
        Assert.Null(device.DriverData);
        LogLine line = Assert.Single(_kernel.Log.Lines);
        Assert.Equal("[    0.000000] a: probe of a0 failed with error -22", line.ToString());
        Assert.Equal(LogLevel.Warning, line.Level);
        Assert.Equal(Errno.EINVAL, await _bus.BindAsync(device, driver));
    });

    [Theory]
    [InlineData(Errno.ENODEV, 0)]
    [InlineData(Errno.ENXIO, 0)]
    [InlineData(Errno.EINVAL, 1)]
    [InlineData(Errno.EPROBE_DEFER, 0)]
    public void When_a_probe_refuses_the_next_driver_is_tried(Errno errno, int logLines) => _scheduler.Run(async () =>
    {
        TestDriver next = new("a0", _events);
        Assert.Equal(Errno.Ok, await _bus.RegisterDriverAsync(new TestDriver("a", _events, _ => new(errno))));
        Assert.Equal(Errno.Ok, await _bus.RegisterDriverAsync(next));
        TestDevice device = new(_kernel, "a0", _events, _bus);
        Assert.Equal(Errno.Ok, await device.AddAsync());
        Assert.Same(next, device.Driver);
        Assert.Equal(["a probe a0", "a0 probe a0"], _events.Take(2));
        Assert.Equal(logLines, _kernel.Log.Lines.Count);
    });

    [Fact]
    public void A_driver_is_unregistered_from_its_devices_last_first() => _scheduler.Run(async () =>
    {
        TestDriver driver = new("a", _events);
        TestDevice[] devices = [new(_kernel, "a0", _events, _bus), new(_kernel, "a1", _events, _bus), new(_kernel, "a2", _events, _bus)];
        foreach (TestDevice device in devices) Assert.Equal(Errno.Ok, await device.AddAsync());
        Assert.Equal(Errno.Ok, await _bus.RegisterDriverAsync(driver));
        _events.Clear();
        await _bus.UnregisterDriverAsync(driver);
        Assert.Equal(["a remove a2", "a remove a1", "a remove a0"], _events);
        Assert.All(devices, device => Assert.Null(device.Driver));
        Assert.Empty(_bus.Drivers);
        Assert.Equal(Errno.ENODEV, await _bus.BindAsync(devices[0], driver)); // it is forgotten
        await _bus.UnregisterDriverAsync(driver); // and again: no effect
        await _bus.UnbindAsync(devices[0]);
        Assert.Equal(3, _events.Count);
    });

    [Fact]
    public void A_device_whose_driver_wants_to_be_asked_later_is_asked_after_another_bind() => _scheduler.Run(async () =>
    {
        bool supplierIsThere = false;
        TestDevice consumer = new(_kernel, "consumer0", _events, _bus), supplier = new(_kernel, "supplier0", _events, _bus);
        Assert.Equal(Errno.Ok, await _bus.RegisterDriverAsync(
            new TestDriver("consumer", _events, _ => new(supplierIsThere ? Errno.Ok : Errno.EPROBE_DEFER))));
        Assert.Equal(Errno.Ok, await consumer.AddAsync());
        Assert.Same(consumer, Assert.Single(_kernel.DeferredProbe.Pending));
        await _scheduler.DelayAsync(1_000);
        Assert.Single(_events); // nobody asks in between

        Assert.Equal(Errno.Ok, await _bus.RegisterDriverAsync(new TestDriver("supplier", _events, _ =>
        {
            supplierIsThere = true;
            return new(Errno.Ok);
        })));
        Assert.Equal(Errno.Ok, await supplier.AddAsync());
        await _scheduler.DelayAsync(1);
        Assert.Equal("consumer", consumer.Driver?.Name);
        Assert.Empty(_kernel.DeferredProbe.Pending);
        Assert.Equal(["consumer probe consumer0", "supplier probe supplier0", "consumer probe consumer0"], _events);
        Assert.Empty(_kernel.Log.Lines);
    });

    [Fact]
    public void A_bind_that_happens_while_a_probe_decides_to_defer_is_not_missed() => _scheduler.Run(async () =>
    {
        bool supplierIsThere = false;
        TestDevice consumer = new(_kernel, "consumer0", _events, _bus), supplier = new(_kernel, "supplier0", _events, _bus);
        Assert.Equal(Errno.Ok, await _bus.RegisterDriverAsync(new TestDriver("consumer", _events, async _ =>
        {
            bool seen = supplierIsThere;
            await _scheduler.DelayAsync(100); // the supplier binds here
            return seen ? Errno.Ok : Errno.EPROBE_DEFER;
        })));
        Assert.Equal(Errno.Ok, await _bus.RegisterDriverAsync(new TestDriver("supplier", _events, _ =>
        {
            supplierIsThere = true;
            return new(Errno.Ok);
        })));
        KernelTask adding = _scheduler.Spawn("add consumer", async () => Assert.Equal(Errno.Ok, await consumer.AddAsync()));
        await _scheduler.DelayAsync(50);
        Assert.Equal(Errno.Ok, await supplier.AddAsync());
        await adding.Ended.WaitAsync();
        await _scheduler.DelayAsync(1_000);
        Assert.Equal("consumer", consumer.Driver?.Name);
    });

    [Fact]
    public void A_deferred_device_that_is_deleted_is_not_asked_again() => _scheduler.Run(async () =>
    {
        TestDevice consumer = new(_kernel, "consumer0", _events, _bus), supplier = new(_kernel, "supplier0", _events, _bus);
        Assert.Equal(Errno.Ok, await _bus.RegisterDriverAsync(new TestDriver("consumer", _events, _ => new(Errno.EPROBE_DEFER))));
        Assert.Equal(Errno.Ok, await _bus.RegisterDriverAsync(new TestDriver("supplier", _events)));
        Assert.Equal(Errno.Ok, await consumer.AddAsync());
        await consumer.UnregisterAsync();
        Assert.Empty(_kernel.DeferredProbe.Pending);
        Assert.Equal(Errno.Ok, await supplier.AddAsync());
        await _scheduler.DelayAsync(1);
        Assert.Equal(["consumer probe consumer0", "release consumer0", "supplier probe supplier0"], _events);
    });

    [Fact]
    public void A_device_that_goes_while_a_driver_is_registered_is_passed_over() => _scheduler.Run(async () =>
    {
        TestDevice slow = new(_kernel, "a0", _events, _bus), gone = new(_kernel, "a1", _events, _bus);
        Assert.Equal(Errno.Ok, await slow.AddAsync());
        Assert.Equal(Errno.Ok, await gone.AddAsync());
        KernelTask registering = _scheduler.Spawn("register", async () =>
            Assert.Equal(Errno.Ok, await _bus.RegisterDriverAsync(new TestDriver("a", _events, async _ =>
            {
                await _scheduler.DelayAsync(100);
                return Errno.Ok;
            }))));
        await _scheduler.DelayAsync(50);
        await gone.UnregisterAsync();
        await registering.Ended.WaitAsync();
        Assert.Equal(["a probe a0", "release a1"], _events);
    });

    [Fact]
    public void A_driver_that_goes_while_it_probes_is_unbound_when_it_has_probed() => _scheduler.Run(async () =>
    {
        TestDriver driver = new("a", _events, async _ =>
        {
            await _scheduler.DelayAsync(100);
            return Errno.Ok;
        });
        TestDevice device = new(_kernel, "a0", _events, _bus);
        Assert.Equal(Errno.Ok, await _bus.RegisterDriverAsync(driver));
        KernelTask adding = _scheduler.Spawn("add", async () => Assert.Equal(Errno.Ok, await device.AddAsync()));
        await _scheduler.DelayAsync(50);
        await _bus.UnregisterDriverAsync(driver);
        Assert.Equal(["a probe a0", "a remove a0"], _events);
        Assert.Null(device.Driver);
        await adding.Ended.WaitAsync();
    });

    [Fact]
    public void A_registration_can_fail_before_anything_is_bound() => _scheduler.Run(async () =>
    {
        Kernel kernel = new(_scheduler, new FailNth(0, Errno.ENOMEM));
        TestBus bus = new(kernel);
        Assert.Equal(Errno.ENOMEM, await bus.RegisterDriverAsync(new TestDriver("a", _events)));
        Assert.Empty(bus.Drivers);
    });

    [Fact]
    public void The_platform_bus_binds_by_the_name_that_the_board_gives() => _scheduler.Run(async () =>
    {
        PlatformBus bus = new(_kernel);
        PlatformDevice device = new(_kernel, bus, "40000000.remoteproc", "emu-rproc", platformData: 53);
        Assert.Equal(Errno.Ok, await bus.RegisterDriverAsync(new TestDriver("emu", _events)));
        Assert.Equal(Errno.Ok, await bus.RegisterDriverAsync(new TestDriver("emu-rproc", _events)));
        Assert.Equal(Errno.Ok, await device.AddAsync());
        Assert.Equal("emu-rproc", device.Driver?.Name);
        Assert.Equal(53, device.PlatformData);
    });

    /// <summary>A driver comes, a device comes and both go, at once and in every order.</summary>
    [Fact]
    public void No_order_of_coming_and_going_leaves_a_binding_or_a_reference()
    {
        HashSet<string> outcomes = [];
        ExhaustiveChoices choices = new();
        int runs = 0;
        while (choices.MoveNext())
        {
            runs++;
            VirtualScheduler scheduler = new(choices);
            Kernel kernel = new(scheduler);
            TestBus bus = new(kernel);
            List<string> events = [];
            TestDriver driver = new("a", events);
            TestDevice device = new(kernel, "a0", events, bus);
            scheduler.Run(async () =>
            {
                KernelTask module = scheduler.Spawn("module", async () =>
                {
                    _ = await bus.RegisterDriverAsync(driver); // Ok: the first of its name
                    await scheduler.Point("loaded");
                    await bus.UnregisterDriverAsync(driver);
                });
                KernelTask hotplug = scheduler.Spawn("hotplug", async () =>
                {
                    _ = await device.AddAsync(); // Ok: the first of its name
                    await scheduler.Point("plugged");
                    await device.UnregisterAsync();
                });
                await module.Ended.WaitAsync();
                await hotplug.Ended.WaitAsync();
            });
            Assert.True(device.IsReleased);
            Assert.Null(device.Driver);
            Assert.Empty(kernel.Devices);
            Assert.Equal(events.Count(text => text == "a probe a0"), events.Count(text => text == "a remove a0"));
            Assert.Equal("release a0", events[^1]);
            outcomes.Add(string.Join(", ", events));
        }

        Assert.Equal(2, outcomes.Count); // they met, or they did not
        Assert.InRange(runs, 10, 500_000);
    }
}
