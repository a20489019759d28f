using System;
using System.Collections.Generic;
using System.Threading.Tasks;
using RemoteprocEmu.Cores.Programs;
using RemoteprocEmu.DriverModel.Modules;
using RemoteprocEmu.Platform;
using RemoteprocEmu.Rpmsg.Bus;
using Xunit;
using Xunit.Abstractions;

namespace RemoteprocEmu.Board.Tests;

/// <summary>What a message costs in a whole machine, sleeping and waking included: nothing is allocated, in either direction.</summary>
public sealed class MessageCostTests(ITestOutputHelper output)
{
    [Fact]
    public void Ten_thousand_messages_there_and_back_allocate_nothing()
    {
        using Machine machine = new(new MachineOptions(),
            new ProcessorOptions { Image = SampleImages.Find("rpmsg-echo")!.Read(), Program = new EchoProgram() });
        CountingModule module = new(machine);
        machine.AddModule(module);
        machine.Run(async () =>
        {
            Assert.Equal(Errno.Ok, await machine.ModprobeAsync("virtio_rpmsg_bus"));
            Assert.Equal(Errno.Ok, await machine.ModprobeAsync("counting"));
            Assert.Equal(Errno.Ok, await machine.ModprobeAsync("emu_rproc"));
            await machine.Scheduler.DelayAsync(100_000_000);
            RpmsgEndpoint endpoint = module.Endpoint!;
            byte[] payload = new byte[496];
            await ExchangeAsync(machine, module, endpoint, payload, 2_000); // warm up
            long before = GC.GetAllocatedBytesForCurrentThread();
            await ExchangeAsync(machine, module, endpoint, payload, 10_000);
            long allocated = GC.GetAllocatedBytesForCurrentThread() - before;
            output.WriteLine($"{allocated} bytes for 10000 messages there and back");
            Assert.InRange(allocated, 0, 1_000); // the two calls of this test itself, not a byte a message
            Assert.Equal(Errno.Ok, await machine.UnloadAllAsync());
        });
        Assert.Empty(machine.WhatIsLeft());
    }

    private static async ValueTask ExchangeAsync(Machine machine, CountingModule module, RpmsgEndpoint endpoint, byte[] payload, int count)
    {
        long target = module.Received + count;
        int sent = 0;
        while (module.Received < target)
        {
            while (sent < count && endpoint.TrySend(payload) == Errno.Ok) sent++;
            await machine.Scheduler.Point("exchange");
            if (module.Received < target) await machine.Scheduler.DelayAsync(1_000);
        }
    }

    private sealed class CountingModule(Machine machine) : KernelModule(machine.Kernel, "counting")
    {
        private CountingDriver? _driver;

        public long Received { get; set; }

        public RpmsgEndpoint? Endpoint { get; set; }

        public override IReadOnlyList<string> DependsOn => ["rpmsg_core"];

        protected override ValueTask<Errno> InitAsync() => machine.RpmsgCore.Bus.RegisterDriverAsync(_driver = new CountingDriver(this));

        protected override ValueTask ExitAsync() => machine.RpmsgCore.Bus.UnregisterDriverAsync(_driver!);
    }

    private sealed class CountingDriver(CountingModule module) : RpmsgDriver("counting", module, ["rpmsg-client-sample"])
    {
        public override RpmsgMessageHandler? Handler => message =>
        {
            if (message.Payload.Length == 496) module.Received++; // no assertion here: those allocate
            return ValueTask.CompletedTask;
        };

        public override ValueTask<Errno> ProbeAsync(RpmsgDevice device)
        {
            module.Endpoint = device.Endpoint;
            return new(Errno.Ok);
        }
    }
}
