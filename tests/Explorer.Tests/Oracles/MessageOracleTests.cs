using System;
using System.Collections.Generic;
using System.Threading.Tasks;
using RemoteprocEmu.Cores.Programs;
using RemoteprocEmu.Cores.Scripted;
using RemoteprocEmu.Firmware.Elf;
using RemoteprocEmu.Firmware.ResourceTable;
using RemoteprocEmu.Platform;
using RemoteprocEmu.Platform.Memory;
using RemoteprocEmu.Rpmsg.Bus;
using RemoteprocEmu.Rpmsg.Remote;
using RemoteprocEmu.Rpmsg.Wire;
using Xunit;
using static RemoteprocEmu.Explorer.Tests.Oracles.WatchedMachine;

namespace RemoteprocEmu.Explorer.Tests.Oracles;

/// <summary>Messages and the buffers that they lie in, from one half of a ring to the other.</summary>
public sealed class MessageOracleTests
{
    public static TheoryData<string, string> CleanRuns => new()
    {
        { "Emu", "echo" }, { "Emu", "slow-echo" }, { "Emu", "ns-storm" }, { "Emu", "silent" }, { "Emu", "ping" }, { "Emu", "crash-after" },
        { "Emu", "early-reader" }, { "Emu", "idle" }, { "D", "echo" }, { "D", "slow-echo" }, { "D", "ns-storm" }, { "D", "silent" },
    };

    [Theory]
    [MemberData(nameof(CleanRuns))]
    public void Sound_firmware_on_two_vdevs_breaks_no_rule(string era, string program)
    {
        using WatchedMachine machine = new(MemoryOracleTests.Program(program), MemoryOracleTests.EraOf(era), "rpmsg-two-vdevs");
        Assert.Empty(machine.Run(async () =>
        {
            await machine.LoadAsync(VirtioRpmsg, PlatformDriver, Sample);
            Assert.Equal(Errno.Ok, await machine.Machine.RmmodAsync(Sample));
            Assert.Equal(Errno.Ok, await machine.Machine.RmmodAsync(VirtioRpmsg));
            await machine.SettleAsync();
            await machine.LoadAsync(Sample, VirtioRpmsg);
        }));
    }

    [Theory]
    [InlineData(Misdeed.UsedIdOutOfRange, "BufferOwnership: virtio0 input is broken")]
    [InlineData(Misdeed.IndexJump, "BufferOwnership: virtio0 input is broken")]
    [InlineData(Misdeed.HeaderLengthLie, null)]
    public void A_remote_that_breaks_the_protocol_is_found_unless_that_is_what_is_tried(Misdeed misdeed, string? found)
    {
        foreach (bool isTried in (bool[])[false, true])
        {
            using WatchedMachine machine = new(new HostileProgram(misdeed), image: "rpmsg-two-vdevs", remoteIsHostile: isTried);
            _ = machine.Run(() => machine.LoadAsync(VirtioRpmsg, PlatformDriver, Sample));
            Assert.Equal(found is null || isTried ? [] : [found], machine.Found);
        }
    }

    [Fact]
    public void A_ring_that_is_cleared_under_a_remote_loses_messages()
    {
        using WatchedMachine machine = new(new SilentProgram());
        _ = machine.Run(async () =>
        {
            await machine.LoadAsync(VirtioRpmsg, PlatformDriver, Sample); // its hello lies in vring1 for ever
            Span<byte> ring = machine.Rproc.Carveouts.Find("vdev0vring1")!.Memory.Span;
            ring.Clear();
        });
        Assert.Equal(["Messages: virtio0 to the remote: lost"], machine.Found);
        Assert.Equal("virtio0 to the remote: 1 messages sent, 0 received, 0 in the ring: 1 lost", machine.Watch.Findings[0].Text);
    }

    [Fact]
    public void A_core_that_sleeps_over_a_message_has_lost_a_kick()
    {
        DeafProgram program = new();
        using WatchedMachine machine = new(program);
        _ = machine.Run(async () =>
        {
            await machine.LoadAsync(VirtioRpmsg, PlatformDriver);
            program.IsDeaf = true;
            await machine.LoadAsync(Sample);
        });
        Assert.Equal(["Deadlock: virtio0 output kick lost"], machine.Found);
    }

    [Fact]
    public void A_host_that_sleeps_over_a_message_has_lost_an_interrupt()
    {
        using WatchedMachine machine = new(new MuteProgram());
        _ = machine.Run(() => machine.LoadAsync(VirtioRpmsg, PlatformDriver));
        Assert.Equal(["Deadlock: virtio0 input interrupt lost"], machine.Found);
        Assert.Equal("1 messages wait in virtio0 input", machine.Watch.Findings[0].Text);
    }

    [Fact]
    public void RM_04_A_send_that_finds_a_buffer_and_no_descriptor_loses_the_buffer()
    {
        using WatchedMachine machine = new(new SilentProgram(), elf: Asymmetric());
        RpmsgDriver driver = new ManyDriver();
        _ = machine.Run(async () =>
        {
            await machine.LoadAsync(VirtioRpmsg, PlatformDriver);
            Assert.Equal(Errno.Ok, await machine.Machine.RpmsgCore.Bus.RegisterDriverAsync(driver));
            await machine.SettleAsync();
            await machine.Watch.AtQuietAsync();
            await machine.Machine.RpmsgCore.Bus.UnregisterDriverAsync(driver);
        });
        Assert.Equal(["BufferOwnership: virtio0 output buffers that nobody has"], machine.Found);
        Assert.Equal("virtio0 output: of 16 buffers 11 are free, 0 held, 4 in the ring, 0 refused: 1 that nobody has",
            machine.Watch.Findings[0].Text);
    }

    /// <summary>An image with 16 descriptors to the host and 4 to the remote: buffers are counted by the larger ring.</summary>
    private static byte[] Asymmetric()
    {
        DeviceAddress address = new(0x1000_0000);
        byte[] table = new ResourceTableBuilder()
            .AddVdev(7, 1, [new VdevVring(uint.MaxValue, 16, 16, 0), new VdevVring(uint.MaxValue, 16, 4, 0)]).Build();
        byte[] segment = new byte[0x1000 + table.Length];
        table.CopyTo(segment.AsSpan(0x1000));
        return new ElfBuilder(entry: address + 1).AddSegment(address, segment)
            .AddSectionOfSegment(".resource_table", 0, 0x1000, table.Length).Build();
    }

    /// <summary>Sends five messages to a remote that takes none.</summary>
    private sealed class ManyDriver() : RpmsgDriver("many", owner: null, [EchoService.ServiceName])
    {
        public override RpmsgMessageHandler Handler => static _ => ValueTask.CompletedTask;

        public override ValueTask<Errno> ProbeAsync(RpmsgDevice device)
        {
            Errno errno = Errno.Ok;
            for (int i = 0; i < 5; i++) errno = device.Endpoint!.TrySend("hello"u8);
            Assert.Equal(Errno.ENOSPC, errno);
            return ValueTask.FromResult(Errno.Ok);
        }
    }

    /// <summary>Announces itself without a kick.</summary>
    private sealed class MuteProgram : RemoteProgram
    {
        public override string Name => "mute";

        public override async ValueTask RunAsync(RemoteContext context)
        {
            RemoteRpmsg rpmsg = new(context.Scheduler, context.Memory, context.Table.Vdevs[0], static _ => { });
            _ = await rpmsg.WaitForDriverAsync();
            RemoteStatus sent = rpmsg.TrySendNameService(EchoService.ServiceName, new RpmsgAddress(1024), NameServiceFlags.Create);
            if (sent != RemoteStatus.Ok) context.Crash(CoreFaultKind.FatalError, "no buffer");
        }
    }

    /// <summary>Echo firmware that, from some moment on, no longer looks when it is kicked.</summary>
    private sealed class DeafProgram : RemoteProgram
    {
        public bool IsDeaf { get; set; }

        public override string Name => "deaf";

        public override async ValueTask RunAsync(RemoteContext context)
        {
            List<EchoService> services = EchoService.OpenAll(context);
            while (true)
            {
                bool moreWaits = !IsDeaf && context.PollRpmsg();
                foreach (EchoService service in services) service.AnswerWaiting();
                if (moreWaits) await context.Yield();
                else _ = await context.WaitKickAsync();
            }
        }
    }
}
