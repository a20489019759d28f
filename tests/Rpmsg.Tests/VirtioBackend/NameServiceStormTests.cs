using System;
using System.Collections.Generic;
using System.Globalization;
using System.Linq;
using System.Runtime.InteropServices;
using RemoteprocEmu.DriverModel.Devices;
using RemoteprocEmu.Platform;
using RemoteprocEmu.Platform.Tasks;
using RemoteprocEmu.Rpmsg.Bus;
using RemoteprocEmu.Rpmsg.Remote;
using RemoteprocEmu.Rpmsg.Tests.Machine;
using RemoteprocEmu.Rpmsg.Wire;
using Xunit;

namespace RemoteprocEmu.Rpmsg.Tests.VirtioBackend;

/// <summary>Two vdevs announce and take back channels at random, again and again, also what is there and what is not.</summary>
/// <remarks>A few seeds in an ordinary run; <c>RPROC_STORM_SEEDS=1000</c> makes it as many.</remarks>
public sealed class NameServiceStormTests
{
    private const int OperationCount = 10_000;
    private static readonly string[] s_names = ["bound", "bound", "boun", "bound2", "a", "b", "c", ""];

    [Fact]
    public void After_each_creation_and_destruction_the_channels_are_those_of_the_model()
    {
        string? wanted = Environment.GetEnvironmentVariable("RPROC_STORM_SEEDS");
        int seedCount = wanted is null ? 5 : int.Parse(wanted, CultureInfo.InvariantCulture);
        for (int seed = 1; seed <= seedCount; seed++) RunStorm((ulong)seed);
    }

    private static void RunStorm(ulong seed)
    {
        using RpmsgMachine machine = new(new SeededChoices(seed));
        machine.Kernel.Log.KeepsLines = false;
        SeededChoices dice = new(seed * 1_000_003);
        StormModel[] models = [new(), new()];
        machine.Run(8, async () =>
        {
            await machine.AddVdevAsync(8, 8);
            Assert.Equal(Errno.Ok, await machine.Core.Bus.RegisterDriverAsync(new RecordingDriver("bound")));
            for (int done = 0; done < OperationCount;)
            {
                int vdev = dice.Pick(2);
                int burst = dice.Pick(8) == 0 ? 1 + dice.Pick(4) : 1; // several in one interrupt
                for (int i = 0; i < burst; i++, done++) SendOne(machine, vdev, models[vdev], dice);
                if (dice.Pick(16) == 0) // and both vdevs at once
                {
                    SendOne(machine, 1 - vdev, models[1 - vdev], dice);
                    done++;
                    KernelTask other = machine.Scheduler.Spawn("other irq", async () => _ = await machine.InterruptRxAsync(1 - vdev));
                    _ = await machine.InterruptRxAsync(vdev);
                    _ = await other.Ended.WaitAsync();
                    Compare(machine, 1 - vdev, models[1 - vdev], seed, done);
                }
                else
                {
                    _ = await machine.InterruptRxAsync(vdev);
                }

                Compare(machine, vdev, models[vdev], seed, done);
            }

            Assert.Equal(Errno.Ok, await machine.Kernel.Modules.RmmodAsync("virtio_rpmsg_bus"));
            Assert.Empty(machine.Core.Bus.Devices);
            Assert.Equal(machine.Devices, machine.Kernel.Devices);
        });
    }

    private static void SendOne(RpmsgMachine machine, int vdev, StormModel model, SeededChoices dice)
    {
        string name = s_names[dice.Pick(s_names.Length)];
        RpmsgAddress address = dice.Pick(20) == 0 ? RpmsgAddress.Any : new RpmsgAddress(1030 + (uint)dice.Pick(6));
        NameServiceFlags flags = (NameServiceFlags)(uint)(dice.Pick(2) | (dice.Pick(4) == 0 ? 0xF0 : 0)); // other bits say nothing
        model.Apply(name, address, (flags & NameServiceFlags.Destroy) != 0);

        NameServiceMessage message = new(new RpmsgName(name), address, flags);
        ReadOnlySpan<byte> payload = MemoryMarshal.AsBytes(new ReadOnlySpan<NameServiceMessage>(in message));
        Assert.Equal(RemoteStatus.Ok, machine.Remotes[vdev].TrySend(new RpmsgAddress(1), RpmsgAddress.NameService, payload));
    }

    private static void Compare(RpmsgMachine machine, int vdev, StormModel model, ulong seed, int done)
    {
        int index = 0;
        foreach (Device child in machine.Devices[vdev].Children)
        {
            if (child is not RpmsgDevice { DriverOverride: null } channel) continue;
            bool isSame = index < model.Channels.Count && channel.Id == model.Channels[index].Name &&
                channel.Destination == model.Channels[index].Address && channel.Source == model.Channels[index].Source &&
                channel.Driver is not null == !channel.Source.IsAny;
            if (!isSame) Fail();
            index++;
        }

        if (index != model.Channels.Count) Fail();

        void Fail() => Assert.Fail(
            $"seed {seed}, after {done} operations, vdev {vdev}: the channels are\n" +
            string.Join('\n', machine.Devices[vdev].Children.Select(child => $"  {child.Name} {((RpmsgDevice)child).Source}")) +
            "\nand not\n" + string.Join('\n', model.Channels.Select(channel => $"  {channel}")));
    }

    /// <summary>What section 4.7 of the protocol's description says, and no more: a list.</summary>
    private sealed class StormModel
    {
        public List<(string Name, RpmsgAddress Address, RpmsgAddress Source)> Channels { get; } = [];

        public void Apply(string name, RpmsgAddress address, bool isDestroy)
        {
            int index = Channels.FindIndex(channel => channel.Name == name && (address.IsAny || channel.Address == address));
            if (isDestroy && index >= 0) Channels.RemoveAt(index);
            if (isDestroy || index >= 0) return;
            RpmsgAddress source = RpmsgAddress.Any;
            if (name == "bound") // its driver has an endpoint, at the lowest free address
            {
                uint lowest = 1024;
                while (Channels.Exists(channel => channel.Source.Value == lowest)) lowest++;
                source = new RpmsgAddress(lowest);
            }

            Channels.Add((name, address, source));
        }
    }
}
