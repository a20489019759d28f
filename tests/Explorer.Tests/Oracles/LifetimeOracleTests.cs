using System.Threading.Tasks;
using RemoteprocEmu.Cores.Programs;
using RemoteprocEmu.DriverModel.Devices;
using RemoteprocEmu.DriverModel.Modules;
using RemoteprocEmu.Platform;
using RemoteprocEmu.Remoteproc.Eras;
using RemoteprocEmu.Rpmsg.Bus;
using RemoteprocEmu.Rpmsg.Wire;
using Xunit;
using static RemoteprocEmu.Explorer.Tests.Oracles.WatchedMachine;

namespace RemoteprocEmu.Explorer.Tests.Oracles;

/// <summary>Children without parents, and functions without modules.</summary>
public sealed class LifetimeOracleTests
{
    [Fact]
    public void A_driver_that_forgets_its_endpoint_is_called_after_its_exit()
    {
        using WatchedMachine machine = new(new SlowEchoProgram());
        ForgetfulModule module = new(machine.Machine);
        machine.Machine.AddModule(module);
        _ = machine.Run(async () =>
        {
            await machine.LoadAsync(VirtioRpmsg, PlatformDriver);
            Assert.Equal(Errno.Ok, await machine.Machine.ModprobeAsync("forgetful")); // it says hello, and the remote works on the answer
            Assert.Equal(Errno.Ok, await machine.Machine.RmmodAsync("forgetful"));
        });
        Assert.Equal(["Lifetime: the handler of rpmsg-client-sample is called too late"], machine.Found);
    }

    [Fact]
    public void A_child_outlives_its_parent_and_both_are_named()
    {
        using WatchedMachine machine = new(new EchoProgram());
        _ = machine.Run(async () =>
        {
            Device parent = new(machine.Machine.Kernel, "parent");
            Device child = new(machine.Machine.Kernel, "child", parent);
            Assert.Equal((Errno.Ok, Errno.Ok), (await parent.AddAsync(), await child.AddAsync()));
            await parent.UnregisterAsync();
            await child.UnregisterAsync();
        });
        Assert.Equal(["Lifetime: child outlives parent"], machine.Found);
    }

    [Fact]
    public void RP_59_The_vdevs_of_a_processor_that_was_not_switched_off_outlive_it()
    {
        using WatchedMachine machine = new(new EchoProgram(), Era.D);
        _ = machine.Run(async () =>
        {
            await machine.LoadAsync(VirtioRpmsg, PlatformDriver);
            Assert.Equal(Errno.Ok, await machine.Rproc.BootAsync());
        });
        Assert.Contains("Lifetime: rproc-virtio.0.auto outlives remoteproc0", machine.Found);
    }

    /// <summary>Makes an endpoint of its own in probe, and leaves it behind.</summary>
    private sealed class ForgetfulModule(Board.Machine machine) : KernelModule(machine.Kernel, "forgetful")
    {
        private ForgetfulDriver? _driver;

        protected override async ValueTask<Errno> InitAsync() =>
            await machine.RpmsgCore.Bus.RegisterDriverAsync(_driver = new ForgetfulDriver(this));

        protected override ValueTask ExitAsync() => machine.RpmsgCore.Bus.UnregisterDriverAsync(_driver!);
    }

    private sealed class ForgetfulDriver(KernelModule owner) : RpmsgDriver("forgetful", owner, [EchoService.ServiceName])
    {
        public override async ValueTask<Errno> ProbeAsync(RpmsgDevice device)
        {
            RpmsgEndpoint own = device.CreateEndpoint(static _ => ValueTask.CompletedTask, RpmsgAddress.Any)!;
            return await own.SendAsync("hello"u8.ToArray());
        }
    }
}
