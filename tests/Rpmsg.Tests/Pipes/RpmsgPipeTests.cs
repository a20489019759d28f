using System;
using System.Buffers;
using System.Collections.Generic;
using System.IO;
using System.IO.Pipelines;
using System.Linq;
using System.Text;
using System.Threading;
using System.Threading.Tasks;
using RemoteprocEmu.Platform.Tasks;
using RemoteprocEmu.Rpmsg.Bus;
using RemoteprocEmu.Rpmsg.Pipes;
using RemoteprocEmu.Rpmsg.Remote;
using RemoteprocEmu.Rpmsg.Tests.Machine;
using RemoteprocEmu.Rpmsg.Wire;
using Xunit;

namespace RemoteprocEmu.Rpmsg.Tests.Pipes;

public sealed class RpmsgPipeTests : IDisposable
{
    private const int RingSize = 4;
    private static readonly RpmsgAddress Peer = new(30);

    private readonly RpmsgMachine _machine = new();
    private readonly List<byte[]> _atRemote = [];
    private RpmsgPipe? _pipe;

    private RpmsgPipe Pipe => _pipe!;

    public void Dispose() => _machine.Dispose();

    [Fact]
    public void A_stream_joins_messages_in_the_buffers_that_the_remote_wrote() => Run(null, async () =>
    {
        await SendAsync("hello ", "world");
        Assert.True(Pipe.Input.TryRead(out ReadResult result));
        Assert.Equal("hello world", Encoding.ASCII.GetString(result.Buffer));
        _machine.Vdev.RxBuffer(1)[16] = (byte)'j'; // the very bytes of the vring buffer
        Assert.Equal("jello world", Encoding.ASCII.GetString(result.Buffer));
        Pipe.Input.AdvanceTo(result.Buffer.End);
    });

    [Fact]
    public void A_buffer_is_lent_again_when_its_last_byte_is_consumed() => Run(null, async () =>
    {
        await SendAsync("abcd", "efgh");
        int before = _machine.Vdev.AvailIndex(0);
        ReadResult result = await Pipe.Input.ReadAsync();
        Pipe.Input.AdvanceTo(result.Buffer.GetPosition(3));
        Assert.Equal((2, before), (Pipe.HeldCount, _machine.Vdev.AvailIndex(0)));
        result = await Pipe.Input.ReadAsync();
        Assert.Equal("defgh", Encoding.ASCII.GetString(result.Buffer));
        Pipe.Input.AdvanceTo(result.Buffer.GetPosition(2));
        Assert.Equal((1, before + 1), (Pipe.HeldCount, _machine.Vdev.AvailIndex(0)));
        result = await Pipe.Input.ReadAsync();
        Assert.Equal("fgh", Encoding.ASCII.GetString(result.Buffer));
        Pipe.Input.AdvanceTo(result.Buffer.End);
        Assert.Equal((0, before + 2), (Pipe.HeldCount, _machine.Vdev.AvailIndex(0)));
    });

    [Fact]
    public void A_reader_that_does_not_read_stops_the_remote_and_one_that_reads_lets_it_go_on() => Run(null, async () =>
    {
        await SendAsync("a", "b", "c", "d");
        Assert.Equal(RemoteStatus.NoBuffer, _machine.Remote.TrySend(Peer, Pipe.Endpoint.Address, "e"u8));
        ReadResult result = await Pipe.Input.ReadAsync();
        Pipe.Input.AdvanceTo(result.Buffer.End);
        await SendAsync("e");
        result = await Pipe.Input.ReadAsync();
        Assert.Equal("e", Encoding.ASCII.GetString(result.Buffer));
        Pipe.Input.AdvanceTo(result.Buffer.End);
    });

    [Fact]
    public void What_is_examined_is_not_given_again_before_more_has_come() => Run(null, async () =>
    {
        await SendAsync("no newline");
        ReadResult result = await Pipe.Input.ReadAsync();
        Pipe.Input.AdvanceTo(result.Buffer.Start, result.Buffer.End);
        Assert.False(Pipe.Input.TryRead(out _));
        ReadResult next = default;
        KernelTask reader = _machine.Scheduler.Spawn("reader", async () => next = await Pipe.Input.ReadAsync());
        await _machine.Scheduler.DelayAsync(1_000_000);
        Assert.NotEqual(KernelTaskState.Done, reader.State);
        await SendAsync(" yet\n");
        _ = await reader.Ended.WaitAsync();
        Assert.Equal("no newline yet\n", Encoding.ASCII.GetString(next.Buffer));
        Pipe.Input.AdvanceTo(next.Buffer.End);
    });

    [Fact]
    public void A_threshold_stops_the_vdev_until_the_reader_has_caught_up() =>
        Run(new RpmsgPipeOptions { PauseReceiveBytes = 4, ResumeReceiveBytes = 1 }, async () =>
        {
            for (int i = 0; i < 3; i++) Send("ab");
            KernelTask interrupt = _machine.Scheduler.Spawn("irq", async () => _ = await _machine.InterruptRxAsync());
            await _machine.Scheduler.DelayAsync(1_000_000);
            Assert.Equal(2, Pipe.HeldCount); // the third waits in the ring
            ReadResult result = await Pipe.Input.ReadAsync();
            Pipe.Input.AdvanceTo(result.Buffer.GetPosition(2));
            await _machine.Scheduler.DelayAsync(1_000_000);
            Assert.Equal(1, Pipe.HeldCount); // 2 bytes are more than 1
            result = await Pipe.Input.ReadAsync();
            Pipe.Input.AdvanceTo(result.Buffer.End);
            _ = await interrupt.Ended.WaitAsync();
            Assert.Equal(1, Pipe.HeldCount);
        });

    [Fact]
    public void Messages_are_kept_apart_where_that_is_asked_for() => Run(new RpmsgPipeOptions { KeepsMessages = true }, async () =>
    {
        await SendAsync("one", "", "three");
        foreach (string expected in new[] { "one", "", "three" })
        {
            ReadResult result = await Pipe.Input.ReadAsync();
            Assert.Equal(expected, Encoding.ASCII.GetString(result.Buffer));
            Pipe.Input.AdvanceTo(result.Buffer.End);
        }

        Assert.False(Pipe.Input.TryRead(out _));
        Assert.Equal(0, Pipe.HeldCount);
        Write("first");
        _ = await Pipe.Output.FlushAsync();
        Write("second ");
        Write("message");
        _ = await Pipe.Output.FlushAsync();
        PollRemote();
        Assert.Equal(["first", "second message"], _atRemote.Select(Encoding.ASCII.GetString));
        Assert.Equal(0, Pipe.CopiedBytes);
        InvalidOperationException exception = Assert.Throws<InvalidOperationException>(() => Pipe.Output.GetMemory(497));
        Assert.Contains("takes 496", exception.Message, StringComparison.Ordinal);
    });

    [Fact]
    public void A_stream_is_cut_into_messages_without_a_copy_while_there_are_buffers() => Run(null, async () =>
    {
        byte[] bytes = Enumerable.Range(0, 3 * 496).Select(static i => (byte)(i * 7)).ToArray();
        for (int at = 0; at < bytes.Length; at += 62) Write(bytes.AsSpan(at, 62));
        FlushResult result = await Pipe.Output.FlushAsync();
        Assert.Equal((false, false), (result.IsCompleted, result.IsCanceled));
        PollRemote();
        Assert.Equal([496, 496, 496], _atRemote.Select(static message => message.Length));
        Assert.Equal(bytes, _atRemote.SelectMany(static message => message));
        Assert.Equal(0, Pipe.CopiedBytes);
    });

    [Fact]
    public void What_finds_no_buffer_is_kept_in_order_and_the_flush_waits_for_the_remote() => Run(null, async () =>
    {
        byte[] bytes = Enumerable.Range(0, 10_000).Select(static i => (byte)(i * 11)).ToArray();
        Write(bytes);
        bool isFlushed = false;
        KernelTask writer = _machine.Scheduler.Spawn("writer", async () =>
        {
            _ = await Pipe.Output.FlushAsync();
            isFlushed = true;
        });
        await _machine.Scheduler.DelayAsync(5_000_000);
        Assert.False(isFlushed);
        while (!isFlushed)
        {
            PollRemote();
            _ = await _machine.InterruptTxAsync();
            await _machine.Scheduler.DelayAsync(1_000_000);
        }

        _ = await writer.Ended.WaitAsync();
        PollRemote();
        Assert.Equal(bytes, _atRemote.SelectMany(static message => message));
    });

    [Fact]
    public void A_remote_that_reads_nothing_for_15_s_fails_the_flush_that_has_something_to_send() => Run(null, async () =>
    {
        Write(new byte[RingSize * 496]);
        FlushResult sent = await Pipe.Output.FlushAsync(); // all is sent; that there is no buffer for more is no error of this flush
        Assert.Equal((false, false), (sent.IsCompleted, sent.IsCanceled));
        Assert.Equal(0, Pipe.Output.UnflushedBytes);
        Write("x");
        IOException exception = await ThrowsAsync<IOException>(() => Pipe.Output.FlushAsync());
        Assert.Contains("ERESTARTSYS", exception.Message, StringComparison.Ordinal);
        Assert.Equal(1, Pipe.Output.UnflushedBytes); // nothing is lost: the next flush tries again
    });

    [Fact]
    public void Reads_and_flushes_can_be_cancelled_and_nothing_is_lost() => Run(null, async () =>
    {
        using CancellationTokenSource source = new();
        Exception? failure = null;
        KernelTask reader = _machine.Scheduler.Spawn("reader", async () =>
        {
            failure = await ThrowsAsync<OperationCanceledException>(() => Pipe.Input.ReadAsync(source.Token));
            ReadResult result = await Pipe.Input.ReadAsync(); // cancelled by CancelPendingRead
            Assert.True(result.IsCanceled);
            Pipe.Input.AdvanceTo(result.Buffer.Start);
        });
        await _machine.Scheduler.DelayAsync(1_000_000);
        source.Cancel(); // awaiting its tasks would leave the scheduler
        await _machine.Scheduler.DelayAsync(1_000_000);
        Assert.NotNull(failure);
        Pipe.Input.CancelPendingRead();
        _ = await reader.Ended.WaitAsync();

        Write(new byte[RingSize * 496]);
        Write("tail");
        FlushResult flush = default;
        KernelTask writer = _machine.Scheduler.Spawn("writer", async () => flush = await Pipe.Output.FlushAsync());
        await _machine.Scheduler.DelayAsync(1_000_000);
        Pipe.Output.CancelPendingFlush();
        _ = await writer.Ended.WaitAsync();
        Assert.True(flush.IsCanceled);
        Assert.Equal(4, Pipe.Output.UnflushedBytes);
        PollRemote();
        _ = await _machine.InterruptTxAsync();
        flush = await Pipe.Output.FlushAsync();
        Assert.False(flush.IsCanceled);
        PollRemote();
        Assert.Equal("tail", Encoding.ASCII.GetString(_atRemote[^1]));
    });

    [Fact]
    public void What_is_unread_when_the_device_goes_is_still_read_and_then_it_is_the_end() => Run(null, async () =>
    {
        await SendAsync("last ", "words");
        Pipe.Detach();
        ReadResult result = await Pipe.Input.ReadAsync();
        _machine.Vdev.RxBuffer(1)[16..32].Fill(0xA5); // the buffers are somebody else's by now
        Assert.Equal("last words", Encoding.ASCII.GetString(result.Buffer));
        Assert.True(result.IsCompleted);
        Pipe.Input.AdvanceTo(result.Buffer.End);
        result = await Pipe.Input.ReadAsync();
        Assert.True(result is { IsCompleted: true, Buffer.IsEmpty: true });
        Write("x");
        Assert.True((await Pipe.Output.FlushAsync()).IsCompleted);
        Assert.Equal(0, Pipe.HeldCount);
    });

    [Fact]
    public void A_completed_reader_gives_every_buffer_back_and_holds_no_more() => Run(null, async () =>
    {
        await SendAsync("a", "b");
        await Pipe.Input.CompleteAsync();
        Assert.Equal(0, Pipe.HeldCount);
        for (int i = 0; i < 3 * RingSize; i++) await SendAsync("c");
        Assert.Equal(0, Pipe.HeldCount);
        _ = Assert.Throws<InvalidOperationException>(() => Pipe.Input.TryRead(out _));
    });

    [Fact]
    public void A_text_reader_of_the_base_library_reads_lines_through_it() => Run(null, async () =>
    {
        List<string?> lines = [];
        KernelTask reader = _machine.Scheduler.Spawn("reader", async () =>
        {
            using StreamReader text = new(Pipe.Input.AsStream(), Encoding.ASCII);
            for (int i = 0; i < 3; i++) lines.Add(await text.ReadLineAsync());
        });
        await SendAsync("one\ntw", "o\n");
        await _machine.Scheduler.DelayAsync(1_000_000);
        await SendAsync("three\n");
        _ = await reader.Ended.WaitAsync();
        Assert.Equal(["one", "two", "three"], lines);
    });

    [Fact]
    public void Misuse_is_named() => Run(null, async () =>
    {
        await SendAsync("a");
        _ = Pipe.Input.TryRead(out ReadResult result);
        _ = Assert.Throws<InvalidOperationException>(() => Pipe.Input.TryRead(out _));
        Pipe.Input.AdvanceTo(result.Buffer.End);
        _ = Assert.Throws<InvalidOperationException>(() => Pipe.Input.AdvanceTo(result.Buffer.End));
        _ = Pipe.Output.GetMemory(10);
        _ = Assert.Throws<ArgumentOutOfRangeException>(() => Pipe.Output.Advance(497));
        Pipe.Output.Complete();
        _ = Assert.Throws<InvalidOperationException>(() => Pipe.Output.GetMemory(1));
        _ = Assert.Throws<ArgumentException>(() =>
            new RpmsgPipe(Pipe.Endpoint, new RpmsgPipeOptions { PauseReceiveBytes = 4, ResumeReceiveBytes = 4 }));
    });

    private static async ValueTask<TException> ThrowsAsync<TException>(Func<ValueTask<ReadResult>> read) where TException : Exception
    {
        try
        {
            _ = await read();
        }
        catch (TException exception)
        {
            return exception;
        }

        throw new InvalidOperationException($"no {typeof(TException).Name}");
    }

    private static ValueTask<TException> ThrowsAsync<TException>(Func<ValueTask<FlushResult>> flush) where TException : Exception =>
        ThrowsAsync<TException>(async () =>
        {
            _ = await flush();
            return default(ReadResult);
        });

    private void Run(RpmsgPipeOptions? options, Func<ValueTask> test)
    {
        _machine.Run(RingSize, async () =>
        {
            await _machine.AnnounceAsync("x", Peer.Value);
            RpmsgDevice channel = _machine.Channels.Single();
            Assert.Equal(RemoteStatus.Ok, _machine.Remote.TryCreateEndpoint("", Peer,
                (RemoteEndpoint _, in RemoteMessage message) => _atRemote.Add(message.Payload.ToArray()), out _));
            _pipe = RpmsgPipe.Open(channel, RpmsgAddress.Any, options);
            Assert.NotNull(_pipe);
            await test();
            await Pipe.CloseAsync();
            foreach (KernelTask task in _machine.Scheduler.LiveTasks.Where(static task => task.Name == "rpmsg pipe"))
                _ = await task.Ended.WaitAsync();
            Assert.True(NothingIsHeld());
        });
    }

    /// <summary>Every buffer has an owner, and none is ours any more.</summary>
    private bool NothingIsHeld() =>
        Rpmsg.VirtioBackend.VirtioRpmsgBusModule.TryCount(_machine.Device, out Rpmsg.VirtioBackend.BufferCensus receive,
            out Rpmsg.VirtioBackend.BufferCensus send) && receive.Held == 0 && send.Held == 0;

    private void Send(string text) =>
        Assert.Equal(RemoteStatus.Ok, _machine.Remote.TrySend(Peer, Pipe.Endpoint.Address, Encoding.ASCII.GetBytes(text)));

    private async ValueTask SendAsync(params string[] messages)
    {
        foreach (string message in messages) Send(message);
        _ = await _machine.InterruptRxAsync();
    }

    private void Write(string text) => Write(Encoding.ASCII.GetBytes(text));

    private void Write(ReadOnlySpan<byte> bytes) => Pipe.Output.Write(bytes);

    private void PollRemote()
    {
        while (_machine.Remote.Poll() == RemoteStatus.MoreWaits) { }
    }
}
