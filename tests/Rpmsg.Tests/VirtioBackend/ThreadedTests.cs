using System;
using System.Collections.Generic;
using System.Linq;
using System.Threading;
using System.Threading.Tasks;
using RemoteprocEmu.Platform;
using RemoteprocEmu.Platform.Doorbells;
using RemoteprocEmu.Platform.Tasks;
using RemoteprocEmu.Rpmsg.Bus;
using RemoteprocEmu.Rpmsg.Remote;
using RemoteprocEmu.Rpmsg.Tests.Machine;
using RemoteprocEmu.Rpmsg.Wire;
using RemoteprocEmu.Virtio.Device;
using Xunit;

namespace RemoteprocEmu.Rpmsg.Tests.VirtioBackend;

/// <summary>Host and remote on a thread each, in real time.</summary>
public sealed class ThreadedTests : IDisposable
{
    private static readonly RpmsgAddress Peer = new(30);
    private static readonly RpmsgAddress Ours = new(1024);

    private readonly ThreadedScheduler _scheduler = new();
    private readonly RpmsgMachine _machine;
    private readonly Doorbell _hostBell;
    private readonly Doorbell _remoteBell;
    private bool _stop;

    public ThreadedTests()
    {
        _machine = new RpmsgMachine(_scheduler);
        _hostBell = new Doorbell(_scheduler, "host", 2);
        _remoteBell = new Doorbell(_scheduler, "remote", 2);
        _machine.OnRemoteKick = line => _ = _hostBell.Ring(line);
    }

    public void Dispose() => _machine.Dispose();

    [Theory]
    [InlineData(RpmsgMachine.NameService)]
    [InlineData(RpmsgMachine.NameService | RpmsgMachine.EventIndex)]
    public void Echoes_come_back_whole_and_in_order(ulong features) => _machine.Run(4, async () =>
    {
        const int Count = 20_000;
        int received = 0;
        Completion all = new(_scheduler, "all echoes");
        RpmsgEndpoint endpoint = _machine.Control.CreateEndpoint(message =>
        {
            Assert.Equal(received++, BitConverter.ToInt32(message.Payload));
            if (received == Count) all.CompleteAll();
            return ValueTask.CompletedTask;
        }, Ours)!;
        RemoteEcho echo = new();
        Assert.Equal(RemoteStatus.Ok, _machine.Remote.TryCreateEndpoint("", Peer, echo.OnMessage, out RemoteEndpoint? remoteEndpoint));
        KernelTask remote = StartRemote(() => echo.Continue(remoteEndpoint!));
        StartHostInterrupts();
        byte[] payload = new byte[4];
        for (int i = 0; i < Count; i++)
        {
            BitConverter.TryWriteBytes(payload, i);
            Assert.Equal(Errno.Ok, await endpoint.SendToAsync(Peer, payload));
        }

        Assert.True(await all.WaitAsync(20_000_000_000), $"only {received} of {Count} came back");
        await StopAsync(remote);
    }, features: features);

    [Fact]
    public void A_remote_that_floods_does_not_keep_the_module_loaded() => _machine.Run(256, async () =>
    {
        long received = 0;
        RpmsgEndpoint endpoint = _machine.Control.CreateEndpoint(_ =>
        {
            received++;
            return ValueTask.CompletedTask;
        }, Ours)!;
        KernelTask remote = StartRemote(() =>
        {
            for (int i = 0; i < 256; i++) _ = _machine.Remote.TrySend(Peer, Ours, "flood"u8, more: true);
            _machine.Remote.Flush();
            return true;
        });
        StartHostInterrupts();
        while (received < 20_000) await _scheduler.DelayAsync(1_000_000);
        await endpoint.DestroyAsync();
        Assert.Equal(Errno.Ok, await _machine.Kernel.Modules.RmmodAsync("virtio_rpmsg_bus"));
        Assert.Empty(_machine.Core.Bus.Devices);
        await StopAsync(remote);
    });

    private KernelTask StartRemote(Func<bool> work)
    {
        _machine.Vdev.OnHostKick = line => _ = _remoteBell.Ring(line);
        return _scheduler.Spawn("remote", async () =>
        {
            while (!Volatile.Read(ref _stop))
            {
                RemoteStatus status = _machine.Remote.Poll();
                bool moreWork = work();
                while (_remoteBell.TryTake(out _)) { }
                if (status != RemoteStatus.MoreWaits && !moreWork) _ = await _remoteBell.WaitAsync(100_000_000);
            }
        }, _scheduler.CreateCpu("remote"));
    }

    private void StartHostInterrupts() => _ = _scheduler.Spawn("irq", async () =>
    {
        while (true)
        {
            _ = await _hostBell.WaitAsync();
            while (_hostBell.TryTake(out int line))
            {
                Virtqueue? queue = _machine.Device.Virtqueues.ElementAtOrDefault(line);
                if (queue is not null) _ = await queue.InterruptAsync();
            }
        }
    }, isDaemon: true);

    private async ValueTask StopAsync(KernelTask remote)
    {
        Volatile.Write(ref _stop, true);
        _ = _remoteBell.Ring(0);
        _ = await remote.Ended.WaitAsync();
    }

    /// <summary>Answers each message; one that finds no buffer is held, and answered first when there is one.</summary>
    private sealed class RemoteEcho
    {
        private readonly Queue<RemoteRxBuffer> _held = new();

        public void OnMessage(RemoteEndpoint endpoint, in RemoteMessage message)
        {
            if (_held.Count > 0 || endpoint.TrySendTo(message.Source, message.Payload) != RemoteStatus.Ok) _held.Enqueue(message.Hold());
        }

        public bool Continue(RemoteEndpoint endpoint)
        {
            while (_held.TryPeek(out RemoteRxBuffer held) &&
                endpoint.TrySendTo(held.Header.Source, held.Payload) == RemoteStatus.Ok)
            {
                endpoint.Remote.Release(held);
                _ = _held.Dequeue();
            }

            return false; // a buffer that comes rings the doorbell
        }
    }
}
