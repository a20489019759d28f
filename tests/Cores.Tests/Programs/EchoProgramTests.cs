using System;
using System.Buffers.Binary;
using System.Text;
using System.Threading.Tasks;
using RemoteprocEmu.Cores.Programs;
using RemoteprocEmu.Cores.Scripted;
using RemoteprocEmu.Platform;
using RemoteprocEmu.Platform.Tasks;
using RemoteprocEmu.Rpmsg.Wire;
using Xunit;

namespace RemoteprocEmu.Cores.Tests.Programs;

public sealed class EchoProgramTests
{
    [Fact]
    public void Announces_its_service_once_a_driver_is_there()
    {
        VirtualScheduler scheduler = new();
        using TestBoard board = new(scheduler, new EchoProgram(), vdevs: 2);
        HostMessage? early = null, first = null, second = null;
        scheduler.Run(async () =>
        {
            _ = await board.Core.StartAsync(board.Start);
            early = await board.Drivers[0].ReceiveAsync(timeoutNs: 5_000_000);
            board.Drivers[0].Probe(kick: false);
            first = await board.Drivers[0].ReceiveAsync();
            board.Drivers[1].Probe();
            second = await board.Drivers[1].ReceiveAsync();
            _ = await board.Core.StopAsync();
        });

        Assert.Null(early);
        AssertAnnounces(first, 1024);
        AssertAnnounces(second, 1025);
        Assert.Equal("echo: boot, rpmsg vdevs: 2\nvdev 0: online\nvdev 1: online\n", board.TraceText);
    }

    [Fact]
    public void Echoes_a_thousand_messages_in_order()
    {
        VirtualScheduler scheduler = new();
        using TestBoard board = new(scheduler, new EchoProgram());
        int echoed = 0;
        scheduler.Run(async () =>
        {
            _ = await board.Core.StartAsync(board.Start);
            board.Drivers[0].Probe();
            _ = await board.Drivers[0].ReceiveAsync();
            echoed = await ExchangeAsync(board, 1000);
            _ = await board.Core.StopAsync();
        });

        Assert.Equal(1000, echoed);
        VdevCounters counters = board.Core.GetVdevCounters(0);
        Assert.Equal(1000, counters.Received);
        Assert.Equal(1001, counters.Sent); // and the announcement
        Assert.Equal(0, counters.Resets);
    }

    [Fact]
    public void Echoes_and_stops_on_real_threads()
    {
        using ThreadedScheduler scheduler = new();
        using TestBoard board = new(scheduler, new EchoProgram());
        int echoed = 0;
        Errno stopped = Errno.EIO;
        scheduler.Run(async () =>
        {
            _ = await board.Core.StartAsync(board.Start);
            board.Drivers[0].Probe();
            _ = await board.Drivers[0].ReceiveAsync(10_000_000_000);
            echoed = await ExchangeAsync(board, 1000);
            stopped = await board.Core.StopAsync();
        });

        Assert.Equal(1000, echoed);
        Assert.Equal(Errno.Ok, stopped);
        Assert.Equal(ScriptedCoreState.InReset, board.Core.State);
    }

    private static void AssertAnnounces(HostMessage? message, uint address)
    {
        Assert.NotNull(message);
        Assert.Equal(RpmsgAddress.NameService, message.Value.Destination);
        Assert.Equal(NameServiceMessage.SizeBytes, message.Value.Payload.Length);
        Assert.Equal("rpmsg-client-sample", Encoding.ASCII.GetString(message.Value.Payload.AsSpan(0, 32)).TrimEnd('\0'));
        Assert.Equal(address, BinaryPrimitives.ReadUInt32LittleEndian(message.Value.Payload.AsSpan(32)));
        Assert.Equal(0u, BinaryPrimitives.ReadUInt32LittleEndian(message.Value.Payload.AsSpan(36)));
    }

    /// <summary>Sends numbers as fast as there are buffers, and counts the answers that come back in order.</summary>
    private static async ValueTask<int> ExchangeAsync(TestBoard board, int count)
    {
        RpmsgHost driver = board.Drivers[0];
        byte[] payload = new byte[16];
        int sent = 0, echoed = 0;
        while (echoed < count)
        {
            while (sent < count)
            {
                BinaryPrimitives.WriteInt32LittleEndian(payload, sent);
                if (!driver.TrySend(1100, 1024, payload)) break;
                sent++;
            }

            HostMessage? answer = await driver.ReceiveAsync(10_000_000_000);
            if (answer is not { } message || message.Source.Value != 1024 || message.Destination.Value != 1100) return echoed;
            if (BinaryPrimitives.ReadInt32LittleEndian(message.Payload) != echoed) return echoed;
            echoed++;
        }

        return echoed;
    }
}
