using System;
using System.Collections.Generic;
using System.Linq;
using RemoteprocEmu.Platform;
using RemoteprocEmu.Platform.Tasks;
using RemoteprocEmu.Virtio.Device;
using RemoteprocEmu.Virtio.Direct;
using RemoteprocEmu.Virtio.Net;
using RemoteprocEmu.Virtio.Remote;
using RemoteprocEmu.Virtio.Ring;
using RemoteprocEmu.Virtio.Tests.Device;
using Xunit;

namespace RemoteprocEmu.Virtio.Tests.Net;

/// <summary>Frames that lie, in both directions: each is dropped and counted, or stops its ring, and nothing else happens.</summary>
public sealed class HostileNetTests : IDisposable
{
    private const ulong Mergeable = 1UL << VirtioNetFeatures.MergeableBuffers;

    private readonly DirectMachine _machine = new();

    public void Dispose() => _machine.Dispose();

    [Theory]
    [InlineData(0ul, 23u, "short packet 23")]             // 10 + 14 would be a frame
    [InlineData(0ul, 0u, "short packet 0")]
    [InlineData(0ul, 1529u, "rx error: len 1529 exceeds max size")] // 10 + 1518 is what was lent
    [InlineData(0ul, uint.MaxValue, "rx error: len 4294967295 exceeds max size")]
    [InlineData(Mergeable, 25u, "short packet 25")]
    public void A_used_length_that_cannot_be_is_counted_and_the_next_frame_comes_through(ulong features, uint usedBytes, string log)
    {
        Receive(features, half =>
        {
            half.SendRaw(new byte[64], usedBytes);
            half.SendRaw(GoodBuffer(features), 64);
        }, eth0 => Assert.Equal((1, 1), (eth0.Counters.RxLengthErrors, eth0.Counters.RxPackets)));
        Assert.Contains(_machine.LogText, text => text.Contains(log, StringComparison.Ordinal));
    }

    [Theory]
    [InlineData(1, 0)] // NEEDS_CSUM
    [InlineData(0, 1)] // TCPV4
    [InlineData(0, 0xff)]
    public void A_header_that_asks_for_an_offload_is_a_frame_error(byte flags, byte gsoType)
    {
        byte[] bytes = new byte[64];
        (bytes[0], bytes[1]) = (flags, gsoType);
        Receive(0, half => half.SendRaw(bytes, 64),
            eth0 => Assert.Equal((1, 0), (eth0.Counters.RxFrameErrors, eth0.Counters.RxPackets)));
    }

    [Theory]
    [InlineData(0, 1)]      // no buffer at all
    [InlineData(3, 2)]      // one of three is missing
    [InlineData(0xffff, 2)] // nearly all are
    public void A_buffer_count_that_lies_drops_the_frame(ushort count, int sent)
    {
        Receive(Mergeable, half =>
        {
            for (int i = 0; i < sent; i++) half.SendRaw(Buffer(count), 64);
        }, eth0 =>
        {
            Assert.Equal((1, 0), (eth0.Counters.RxLengthErrors, eth0.Counters.RxPackets));
            Assert.Equal(0, eth0.Virtio.Virtqueues[0].FreeCount); // each buffer is lent again
        });
    }

    [Fact]
    public void A_frame_of_several_buffers_is_put_together()
    {
        byte[]? seen = null;
        Receive(Mergeable, half =>
        {
            byte[] first = Buffer(3);
            first.AsSpan(12).Fill(1);
            half.SendRaw(first, 64);
            half.SendRaw([.. Enumerable.Repeat((byte)2, 100)], 100);
            half.SendRaw([.. Enumerable.Repeat((byte)3, 7)], 7);
        }, eth0 => Assert.Equal(52 + 100 + 7, eth0.Counters.RxBytes), frame => seen = frame.ToArray());
        Assert.Equal([.. Enumerable.Repeat((byte)1, 52), .. Enumerable.Repeat((byte)2, 100), .. Enumerable.Repeat((byte)3, 7)], seen!);
    }

    [Fact]
    public void Buffers_that_make_more_than_a_frame_can_be_are_dropped()
    {
        Receive(Mergeable, half =>
        {
            for (int i = 0; i < 45; i++) half.SendRaw(Buffer(45, 1518), 1518); // 45 times 1518 is above 65536
        }, eth0 => Assert.Equal((1, 0), (eth0.Counters.RxLengthErrors, eth0.Counters.RxPackets)));
    }

    [Theory]
    [InlineData(new uint[] { 23 })]        // a header and 13 bytes
    [InlineData(new uint[] { 0 })]
    [InlineData(new uint[] { 10, 13 })]
    [InlineData(new uint[] { 65536, 11 })] // one byte more than a frame can have
    public void The_device_gives_a_malformed_frame_back_unread(uint[] lengths)
    {
        RemoteNet half = Send(lengths.Select(length => new VringSegment(_machine.Bank.Address.Value, length)).ToArray());
        Assert.Equal((1, 1, RemoteFaultKind.None), (half.MalformedCount, half.ReceivedCount, half.ReceiveFault.Kind));
    }

    [Theory]
    [InlineData(0xdead_0000ul, 64u, RemoteFaultKind.BufferUnmapped)]
    [InlineData(0x4000_0000ul + (4 << 20) - 32, 64u, RemoteFaultKind.BufferUnmapped)] // runs over the end of memory
    [InlineData(ulong.MaxValue - 16, 64u, RemoteFaultKind.BufferUnmapped)]
    public void A_frame_without_memory_behind_it_stops_that_ring_alone(ulong address, uint lengthBytes, RemoteFaultKind expected)
    {
        RemoteNet half = Send([new VringSegment(address, lengthBytes)]);
        Assert.Equal((expected, RemoteFaultKind.None), (half.ReceiveFault.Kind, half.SendFault.Kind));
        Assert.Equal(0, half.ReceivedCount);
    }

    [Fact]
    public void A_chain_of_more_pieces_than_the_device_takes_stops_the_ring()
    {
        VringSegment piece = new(_machine.Bank.Address.Value, 8);
        RemoteNet taken = Send([.. Enumerable.Repeat(piece, RemoteNet.SegmentsMax)]);
        Assert.Equal((RemoteFaultKind.None, 2), (taken.ReceiveFault.Kind, taken.ReceivedCount));
        using HostileNetTests other = new();
        RemoteNet refused = other.Send([.. Enumerable.Repeat(piece, RemoteNet.SegmentsMax + 1)]);
        Assert.Equal((RemoteFaultKind.RingProtocol, RingStatus.ChainTooLong), (refused.ReceiveFault.Kind, refused.ReceiveFault.Ring));
    }

    [Fact]
    public void A_frame_in_a_buffer_to_be_written_stops_the_ring()
    {
        RemoteNet half = Send([], [new VringSegment(_machine.Bank.Address.Value, 64)]);
        Assert.Equal(RemoteFaultKind.BufferDirection, half.ReceiveFault.Kind);
    }

    private static byte[] GoodBuffer(ulong features) => Buffer(features == Mergeable ? (ushort)1 : (ushort)0);

    private static byte[] Buffer(ushort count, int lengthBytes = 64)
    {
        byte[] bytes = new byte[lengthBytes];
        BitConverter.TryWriteBytes(bytes.AsSpan(10), count);
        return bytes;
    }

    /// <summary>Lets a device half send what it likes, and looks at the interface.</summary>
    private void Receive(ulong features, Action<RawHalf> send, Action<NetDevice> check, NetFrame? received = null)
    {
        VirtioNetModule module = new(_machine.Kernel, _machine.Bus);
        DirectTransport transport = _machine.Create(VirtioDeviceId.Net, features);
        RawHalf half = new(_machine.Scheduler, transport);
        _machine.Run(async () =>
        {
            Assert.Equal(Errno.Ok, await _machine.Kernel.Modules.InsmodAsync(module));
            Assert.Equal(Errno.Ok, await transport.RegisterAsync());
            NetDevice eth0 = module.Interfaces[0];
            if (received is not null) eth0.Received = (_, frame) => received(frame);
            Assert.Equal(Errno.Ok, eth0.Open());
            send(half);
            half.Show();
            await _machine.SettleAsync();
            check(eth0);
            await transport.UnregisterAsync();
        });
        Assert.Equal(0, _machine.Bank.LiveBytes);
    }

    /// <summary>Lets a driver send what it likes, and a good frame after it.</summary>
    private RemoteNet Send(VringSegment[] readable, VringSegment[]? writable = null)
    {
        DirectTransport transport = _machine.Create(VirtioDeviceId.Net, 0);
        RemoteNet half = new(_machine.Scheduler, transport.Memory, transport, transport.Interrupt);
        PairDriver driver = new();
        driver.Ids[0] = new VirtioDeviceId(VirtioDeviceId.Net);
        _machine.Serve(transport, half);
        _machine.Run(async () =>
        {
            Assert.Equal(Errno.Ok, await _machine.Bus.RegisterDriverAsync(driver));
            Assert.Equal(Errno.Ok, await transport.RegisterAsync());
            Assert.Equal(Errno.Ok, driver.Output.AddSgs(readable, writable ?? [], 1));
            Assert.Equal(Errno.Ok, driver.Output.AddOutbuf(_machine.Bank.Address, 64, 2));
            Assert.True(driver.Output.Kick());
            await _machine.SettleAsync();
            bool isStopped = half.ReceiveFault.Kind != RemoteFaultKind.None;
            List<int> back = [];
            while (driver.Output.GetBuf(out int token, out _)) back.Add(token);
            Assert.Equal(isStopped ? [] : [1, 2], back);
            await transport.UnregisterAsync();
        });
        return half;
    }

    private delegate void NetFrame(ReadOnlySpan<byte> frame);

    /// <summary>A device half that writes what it is told and claims what it is told.</summary>
    private sealed class RawHalf(Scheduler scheduler, DirectTransport transport)
        : RemoteDevice(scheduler, transport.Memory, transport, transport.Interrupt, 4)
    {
        public void SendRaw(ReadOnlySpan<byte> bytes, uint claimedBytes)
        {
            Assert.Equal(RemoteIoStatus.Ok, TakeToSend());
            Assert.True(SendQueue.TryWrite(0, bytes));
            SendQueue.Return(claimedBytes);
        }

        /// <summary>All at once: parts of a frame that come one by one would be missing.</summary>
        public void Show()
        {
            Assert.True(SendQueue.Publish());
            transport.Interrupt(0);
        }

        protected override void OnLinked() { }

        protected override void Receive() { }
    }
}
