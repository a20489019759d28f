using System.Collections.Generic;
using System.Linq;
using RemoteprocEmu.DriverModel.Modules;
using RemoteprocEmu.Harness;
using RemoteprocEmu.Platform;
using RemoteprocEmu.Platform.Tasks;
using Xunit;

namespace RemoteprocEmu.DriverModel.Tests;

public class ModuleTests
{
    private readonly VirtualScheduler _scheduler = new();
    private readonly Kernel _kernel;
    private readonly List<string> _events = [];

    public ModuleTests() => _kernel = new Kernel(_scheduler);

    private ModuleTable Modules => _kernel.Modules;

    [Fact]
    public void A_module_lives_between_insmod_and_rmmod()
    {
        TestModule module = new(_kernel, "virtio_rpmsg_bus", _events);
        _scheduler.Run(async () =>
        {
            Assert.Equal(ModuleState.Unloaded, module.State);
            Assert.False(module.TryGet());
            Assert.Equal(Errno.Ok, await Modules.InsmodAsync(module));
            Assert.Equal(ModuleState.Live, module.State);
            Assert.Same(module, Modules.Find("virtio_rpmsg_bus"));
            Assert.Equal(Errno.Ok, await Modules.RmmodAsync("virtio_rpmsg_bus"));
        });
        Assert.Equal(ModuleState.Unloaded, module.State);
        Assert.Empty(Modules.Loaded);
        Assert.Equal(["init virtio_rpmsg_bus", "exit virtio_rpmsg_bus"], _events);
    }

    [Fact]
    public void A_second_module_of_a_name_is_EEXIST_and_one_that_is_not_there_ENOENT() => _scheduler.Run(async () =>
    {
        Assert.Equal(Errno.ENOENT, await Modules.RmmodAsync("a"));
        Assert.Equal(Errno.Ok, await Modules.InsmodAsync(new TestModule(_kernel, "a", _events)));
        TestModule second = new(_kernel, "a", _events);
        Assert.Equal(Errno.EEXIST, await Modules.InsmodAsync(second));
        Assert.Equal(ModuleState.Unloaded, second.State);
        Assert.Equal(["init a"], _events);
    });

    [Fact]
    public void A_module_needs_those_it_depends_on_and_holds_them() => _scheduler.Run(async () =>
    {
        TestModule a = new(_kernel, "a", _events), b = new(_kernel, "b", _events), user = new(_kernel, "user", _events, "a", "b");
        Assert.Equal(Errno.Ok, await Modules.InsmodAsync(a));
        Assert.Equal(Errno.ENOENT, await Modules.InsmodAsync(user));
        Assert.Equal(0, a.ReferenceCount); // what it had taken before it failed is given back

        Assert.Equal(Errno.Ok, await Modules.InsmodAsync(b));
        Assert.Equal(Errno.Ok, await Modules.InsmodAsync(user));
        Assert.Equal((1, 1, 0), (a.ReferenceCount, b.ReferenceCount, user.ReferenceCount));
        Assert.Equal(Errno.EAGAIN, await Modules.RmmodAsync("a")); // EWOULDBLOCK: "Module a is in use by: user"
        Assert.Equal(Errno.Ok, await Modules.RmmodAsync("user"));
        Assert.Equal((0, 0), (a.ReferenceCount, b.ReferenceCount));
        Assert.Equal(Errno.Ok, await Modules.RmmodAsync("a"));
        Assert.Equal(["b"], Modules.Loaded.Select(module => module.Name));
    });

    [Fact]
    public void A_referenced_module_stays_and_nothing_of_its_exit_runs() => _scheduler.Run(async () =>
    {
        TestModule module = new(_kernel, "a", _events);
        Assert.Equal(Errno.Ok, await Modules.InsmodAsync(module));
        Assert.True(module.TryGet());
        Assert.Equal(Errno.EAGAIN, await Modules.RmmodAsync("a"));
        Assert.Equal(ModuleState.Live, module.State);
        Assert.True(module.TryGet());
        module.Put();
        module.Put();
        Assert.Throws<InvariantException>(module.Put);
        Assert.Equal(Errno.Ok, await Modules.RmmodAsync("a"));
        Assert.Equal(["init a", "exit a"], _events);
    });

    [Fact]
    public void While_init_or_exit_runs_rmmod_is_EBUSY_and_a_going_module_is_not_held() => _scheduler.Run(async () =>
    {
        TestModule module = new(_kernel, "a", _events) { InitNs = 100, ExitNs = 100 };
        KernelTask insmod = _scheduler.Spawn("insmod", async () => Assert.Equal(Errno.Ok, await Modules.InsmodAsync(module)));
        await _scheduler.DelayAsync(50);
        Assert.Equal(ModuleState.Coming, module.State);
        Assert.Equal(Errno.EBUSY, await Modules.RmmodAsync("a"));
        Assert.True(module.TryGet()); // init may take references on its own module
        module.Put();
        await insmod.Ended.WaitAsync();

        KernelTask rmmod = _scheduler.Spawn("rmmod", async () => Assert.Equal(Errno.Ok, await Modules.RmmodAsync("a")));
        await _scheduler.DelayAsync(50);
        Assert.Equal(ModuleState.Going, module.State);
        Assert.Equal(Errno.EBUSY, await Modules.RmmodAsync("a"));
        Assert.Equal(Errno.EBUSY, await Modules.InsmodAsync(new TestModule(_kernel, "a", _events))); // module_patient_check_exists
        Assert.Equal(Errno.ENOENT, await Modules.InsmodAsync(new TestModule(_kernel, "user", _events, "a"))); // strong_try_module_get
        Assert.False(module.TryGet());
        await rmmod.Ended.WaitAsync();
        Assert.Equal(["init a", "exit a"], _events);
    });

    [Fact]
    public void While_another_one_is_loading_insmod_waits_for_how_that_ends() => _scheduler.Run(async () =>
    {
        TestModule module = new(_kernel, "a", _events) { InitNs = 100 }, user = new(_kernel, "user", _events, "a");
        KernelTask insmod = _scheduler.Spawn("insmod", async () => Assert.Equal(Errno.Ok, await Modules.InsmodAsync(module)));
        KernelTask needs = _scheduler.Spawn("needs it", async () => Assert.Equal(Errno.Ok, await Modules.InsmodAsync(user)));
        await _scheduler.DelayAsync(50);
        Assert.Equal(Errno.EEXIST, await Modules.InsmodAsync(new TestModule(_kernel, "a", _events)));
        Assert.Equal(100, _scheduler.NowNs);
        await needs.Ended.WaitAsync();
        await insmod.Ended.WaitAsync();
        Assert.Equal(["init a", "init user"], _events);
        Assert.Equal(1, module.ReferenceCount);
    });

    [Fact]
    public void What_has_failed_to_load_while_insmod_waited_is_not_tried_again() => _scheduler.Run(async () =>
    {
        TestModule module = new(_kernel, "a", _events) { InitNs = 100, InitErrno = Errno.ENOMEM };
        KernelTask insmod = _scheduler.Spawn("insmod", async () => Assert.Equal(Errno.ENOMEM, await Modules.InsmodAsync(module)));
        await _scheduler.DelayAsync(50);
        KernelTask needs = _scheduler.Spawn("needs it",
            async () => Assert.Equal(Errno.ENOENT, await Modules.InsmodAsync(new TestModule(_kernel, "user", _events, "a"))));
        Assert.Equal(Errno.EBUSY, await Modules.InsmodAsync(new TestModule(_kernel, "a", _events)));
        await needs.Ended.WaitAsync();
        await insmod.Ended.WaitAsync();
        Assert.Equal(["init a"], _events);
        Assert.Empty(Modules.Loaded);
    });

    [Fact]
    public void An_init_that_a_dependant_waits_for_has_30_seconds() => _scheduler.Run(async () =>
    {
        TestModule module = new(_kernel, "a", _events) { InitNs = 31_000_000_000 };
        KernelTask insmod = _scheduler.Spawn("insmod", async () => Assert.Equal(Errno.Ok, await Modules.InsmodAsync(module)));
        await _scheduler.DelayAsync(50);
        Assert.Equal(Errno.EBUSY, await Modules.InsmodAsync(new TestModule(_kernel, "user", _events, "a")));
        Assert.Equal(30_000_000_050, _scheduler.NowNs);
        await insmod.Ended.WaitAsync();
    });

    [Fact]
    public void A_module_whose_init_fails_was_never_there() => _scheduler.Run(async () =>
    {
        TestModule a = new(_kernel, "a", _events), user = new(_kernel, "user", _events, "a") { InitErrno = Errno.ENOMEM };
        Assert.Equal(Errno.Ok, await Modules.InsmodAsync(a));
        Assert.Equal(Errno.ENOMEM, await Modules.InsmodAsync(user));
        Assert.Equal(ModuleState.Unloaded, user.State);
        Assert.Null(Modules.Find("user"));
        Assert.Equal(Errno.Ok, await Modules.RmmodAsync("a"));
        Assert.Equal(["init a", "init user", "exit a"], _events); // no exit after a failed init
    });

    [Fact]
    public void No_order_of_insmod_and_rmmod_leaves_half_a_module()
    {
        HashSet<string> outcomes = [];
        int runs = 0;
        ExhaustiveChoices choices = new();
        while (choices.MoveNext())
        {
            runs++;
            VirtualScheduler scheduler = new(choices);
            Kernel kernel = new(scheduler);
            List<string> events = [];
            TestModule depended = new(kernel, "a", events), module = new(kernel, "user", events, "a") { InitNs = 10, ExitNs = 10 };
            List<Errno> results = [];
            scheduler.Run(async () =>
            {
                results.Add(await kernel.Modules.InsmodAsync(depended));
                KernelTask insmod = scheduler.Spawn("insmod", async () => results.Add(await kernel.Modules.InsmodAsync(module)));
                KernelTask rmmod = scheduler.Spawn("rmmod", async () => results.Add(await kernel.Modules.RmmodAsync("user")));
                await insmod.Ended.WaitAsync();
                await rmmod.Ended.WaitAsync();
            });

            bool isLoaded = kernel.Modules.Find("user") is not null;
            Assert.Equal(isLoaded ? ModuleState.Live : ModuleState.Unloaded, module.State);
            Assert.Equal(isLoaded ? 1 : 0, depended.ReferenceCount);
            Assert.Equal(isLoaded ? ["init a", "init user"] : ["init a", "init user", "exit user"], events);
            outcomes.Add(string.Join(' ', results.Skip(1)));
        }

        // rmmod first; rmmod during init; and with luck, after it.
        Assert.Superset(new HashSet<string> { "ENOENT Ok", "EBUSY Ok" }, outcomes);
        Assert.InRange(runs, 3, 100_000);
    }

    [Fact]
    public void No_order_of_rmmod_and_TryGet_leaves_a_reference_on_a_module_that_is_gone()
    {
        HashSet<(Errno Rmmod, bool Got)> outcomes = [];
        ExhaustiveChoices choices = new();
        while (choices.MoveNext())
        {
            VirtualScheduler scheduler = new(choices);
            Kernel kernel = new(scheduler);
            TestModule module = new(kernel, "a", []);
            Errno errno = Errno.Ok;
            bool got = false;
            scheduler.Run(async () =>
            {
                _ = await kernel.Modules.InsmodAsync(module); // loads: nothing else is there
                KernelTask rmmod = scheduler.Spawn("rmmod", async () => errno = await kernel.Modules.RmmodAsync("a"));
                KernelTask user = scheduler.Spawn("user", async () =>
                {
                    await scheduler.Point("try_module_get");
                    got = module.TryGet();
                });
                await rmmod.Ended.WaitAsync();
                await user.Ended.WaitAsync();
            });
            Assert.Equal(got ? ModuleState.Live : ModuleState.Unloaded, module.State);
            outcomes.Add((errno, got));
        }

        Assert.Equal(new HashSet<(Errno, bool)> { (Errno.Ok, false), (Errno.EAGAIN, true) }, outcomes);
    }
}
