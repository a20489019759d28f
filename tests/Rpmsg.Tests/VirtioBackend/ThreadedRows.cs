using System;
using System.Collections.Concurrent;
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

/// <summary>The rows that are about waiting and about order, once more: host and remote on a thread each, in real time.</summary>
public sealed class ThreadedRows : IDisposable
{
    private const long Ms = 1_000_000;
    private static readonly RpmsgAddress Peer = new(30);
    private static readonly RpmsgAddress Ours = new(1024);
    private static readonly ReadOnlyMemory<byte> Payload = new byte[] { 1, 2, 3 };

    private readonly ThreadedScheduler _scheduler = new();
    private readonly RpmsgMachine _machine;
    private readonly Doorbell _hostBell;
    private readonly Doorbell _remoteBell;
    private readonly ConcurrentQueue<Action> _forRemote = new();
    private KernelTask? _remote;
    private bool _stop;

    public ThreadedRows()
    {
        _machine = new RpmsgMachine(_scheduler);
        _hostBell = new Doorbell(_scheduler, "host", 2);
        _remoteBell = new Doorbell(_scheduler, "remote", 2);
        _machine.OnRemoteKick = line => _ = _hostBell.Ring(line);
    }

    public void Dispose()
    {
        _scheduler.Dispose();
        _machine.Dispose();
    }

    [Fact]
    public void RM_07_without_a_free_buffer_a_try_fails() => Run(4, async () =>
    {
        RpmsgEndpoint endpoint = await FillAsync();
        long beforeNs = _scheduler.NowNs;
        Assert.Equal(Errno.ENOMEM, endpoint.TrySendTo(Peer, Payload.Span));
        Assert.Equal(Errno.ENOMEM, endpoint.TryReserve(out _));
        Assert.True(_scheduler.NowNs - beforeNs < 1_000 * Ms, "a try does not wait");
    });

    [Fact]
    public void RM_08_without_a_free_buffer_a_send_waits_15_s() => Run(4, async () =>
    {
        RpmsgEndpoint endpoint = await FillAsync();
        bool wereOn = false;
        KernelTask observer = _scheduler.Spawn("observer", async () =>
        {
            await _scheduler.DelayAsync(5_000 * Ms);
            wereOn = _machine.Vdev.AvailFlags(1) == 0;
        });
        long beforeNs = _scheduler.NowNs;
        Assert.Equal(Errno.ERESTARTSYS, await endpoint.SendToAsync(Peer, Payload));
        Assert.InRange(_scheduler.NowNs - beforeNs, 15_000 * Ms, 25_000 * Ms); // on a busy machine it wakes late
        _ = await observer.Ended.WaitAsync();
        Assert.True(wereOn);
        Assert.Equal(1, _machine.Vdev.AvailFlags(1));
        Assert.Equal("rpmsg virtio0.rpmsg_ctrl.0.0: timeout waiting for a tx buffer", _machine.Log[^1]);
    });

    [Fact]
    public void RM_09_a_buffer_that_comes_back_ends_the_wait_and_is_used_again() => Run(4, async () =>
    {
        List<RemoteRxBuffer> held = [];
        RpmsgEndpoint endpoint = await FillAsync(held);
        KernelTask releaser = _scheduler.Spawn("releaser", async () =>
        {
            await _scheduler.DelayAsync(100 * Ms);
            await OnRemoteAsync(() => _machine.Remote.Release(held[2]));
        });
        long beforeNs = _scheduler.NowNs;
        Assert.Equal(Errno.Ok, await endpoint.SendToAsync(Peer, "again"u8.ToArray()));
        Assert.InRange(_scheduler.NowNs - beforeNs, 100 * Ms, 14_000 * Ms);
        _ = await releaser.Ended.WaitAsync();
        Assert.Equal("again"u8, _machine.Vdev.Buffers!.Memory.Span.Slice((512 * (4 + 2)) + 16, 5));
    });

    [Fact]
    public void RM_10_one_buffer_lets_one_of_two_sleepers_go() => Run(4, async () =>
    {
        List<RemoteRxBuffer> held = [];
        RpmsgEndpoint endpoint = await FillAsync(held);
        List<Errno> results = [];
        async ValueTask SendOnceAsync() => results.Add(await endpoint.SendToAsync(Peer, Payload));
        KernelTask[] senders = [_scheduler.Spawn("sender 1", SendOnceAsync), _scheduler.Spawn("sender 2", SendOnceAsync)];
        await _scheduler.DelayAsync(50 * Ms);
        await OnRemoteAsync(() => _machine.Remote.Release(held[0]));
        await UntilAsync(() => results.Count == 1);
        await _scheduler.DelayAsync(200 * Ms);
        Assert.Equal([Errno.Ok], results);
        Assert.Equal(0, _machine.Vdev.AvailFlags(1)); // still on, for the other
        await OnRemoteAsync(() => _machine.Remote.Release(held[1]));
        foreach (KernelTask sender in senders) _ = await sender.Ended.WaitAsync();
        Assert.Equal([Errno.Ok, Errno.Ok], results);
        Assert.Equal(1, _machine.Vdev.AvailFlags(1));
    });

    [Fact]
    public void RM_28_the_client_sample_exchanges_100_messages_and_says_goodbye() => Run(16, async () =>
    {
        int received = 0;
        RemoteMessageHandler echo = (endpoint, in message) =>
        {
            received++;
            _ = endpoint.TrySendTo(message.Source, message.Payload); // what does not fit is missed below
        };
        await OnRemoteAsync(() => _ = _machine.Remote.TryCreateEndpoint("rpmsg-client-sample", RpmsgAddress.Any, echo, out _));
        Assert.Equal(Errno.Ok, await _machine.Kernel.Modules.InsmodAsync(_machine.Sample));
        await UntilAsync(() => _machine.Log[^1].EndsWith("goodbye!", StringComparison.Ordinal));
        await StopRemoteAsync();
        Assert.Equal(100, received);
        Assert.Equal(100, _machine.Log.Count(line => line.Contains("incoming msg", StringComparison.Ordinal)));
    });

    [Theory]
    [InlineData(RpmsgMachine.NameService)]
    [InlineData(RpmsgMachine.NameService | RpmsgMachine.EventIndex)]
    public void RM_38_order_is_kept_and_nothing_lost_over_the_wrap_of_the_index(ulong features) => Run(4, async () =>
    {
        const int Count = 100_000;
        int here = 0;
        int there = 0;
        bool inOrderHere = true;
        bool inOrderThere = true;
        RpmsgEndpoint endpoint = _machine.Control.CreateEndpoint(message =>
        {
            inOrderHere &= here++ == BitConverter.ToInt32(message.Payload);
            return ValueTask.CompletedTask;
        }, Ours)!;
        byte[] answer = new byte[4];
        await OnRemoteAsync(() =>
        {
            RemoteMessageHandler listen = (_, in message) =>
                inOrderThere &= there++ == BitConverter.ToInt32(message.Payload);
            _ = _machine.Remote.TryCreateEndpoint("", Peer, listen, out _);
        });
        int sentThere = 0;
        RemoteWork = () => // as many the other way, as fast as there are buffers
        {
            while (sentThere < Count && BitConverter.TryWriteBytes(answer, sentThere) &&
                _machine.Remote.TrySend(Peer, Ours, answer) == RemoteStatus.Ok) sentThere++;
        };
        byte[] payload = new byte[4];
        for (int i = 0; i < Count; i++)
        {
            _ = BitConverter.TryWriteBytes(payload, i);
            Assert.Equal(Errno.Ok, await endpoint.SendToAsync(Peer, payload));
        }

        await UntilAsync(() => Volatile.Read(ref there) == Count && here == Count, timeoutMs: 60_000);
        Assert.True(inOrderHere && inOrderThere);
    }, features);

    private Action? RemoteWork { get; set; }

    private void Run(int size, Func<ValueTask> test, ulong features = RpmsgMachine.NameService) => _machine.Run(size, async () =>
    {
        StartRemote();
        StartHostInterrupts();
        await test();
        await StopRemoteAsync();
    }, features: features);

    /// <summary>Sends as many messages as there are buffers, and none is given back: the remote holds what it takes.</summary>
    private async ValueTask<RpmsgEndpoint> FillAsync(List<RemoteRxBuffer>? held = null)
    {
        int heldCount = 0;
        RemoteMessageHandler hold = (_, in message) =>
        {
            RemoteRxBuffer buffer = message.Hold();
            held?.Add(buffer);
            heldCount++;
        };
        await OnRemoteAsync(() => _ = _machine.Remote.TryCreateEndpoint("", Peer, hold, out _));
        RpmsgEndpoint endpoint = _machine.Control.CreateEndpoint(static _ => ValueTask.CompletedTask, RpmsgAddress.Any)!;
        for (int i = 0; i < 4; i++) Assert.Equal(Errno.Ok, endpoint.TrySendTo(Peer, Payload.Span));
        await UntilAsync(() => Volatile.Read(ref heldCount) == 4);
        return endpoint;
    }

    /// <summary>The remote half belongs to the remote's thread: what is to be done with it is done there.</summary>
    private ValueTask OnRemoteAsync(Action action)
    {
        bool isDone = false;
        _forRemote.Enqueue(() =>
        {
            action();
            Volatile.Write(ref isDone, true);
        });
        _ = _remoteBell.Ring(0);
        return UntilAsync(() => Volatile.Read(ref isDone));
    }

    private void StartRemote()
    {
        _machine.Vdev.OnHostKick = line => _ = _remoteBell.Ring(line);
        _remote = _scheduler.Spawn("remote", async () =>
        {
            while (!Volatile.Read(ref _stop))
            {
                while (_forRemote.TryDequeue(out Action? action)) action();
                RemoteStatus status = _machine.Remote.Poll();
                RemoteWork?.Invoke();
                while (_remoteBell.TryTake(out _)) { }
                if (status != RemoteStatus.MoreWaits && _forRemote.IsEmpty) _ = await _remoteBell.WaitAsync(10 * Ms);
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

    private async ValueTask StopRemoteAsync()
    {
        Volatile.Write(ref _stop, true);
        _ = _remoteBell.Ring(0);
        _ = await _remote!.Ended.WaitAsync();
    }

    private async ValueTask UntilAsync(Func<bool> condition, int timeoutMs = 20_000)
    {
        for (int i = 0; i < timeoutMs && !condition(); i++) await _scheduler.DelayAsync(Ms);
        Assert.True(condition(), $"it has not happened within {timeoutMs} ms");
    }
}
