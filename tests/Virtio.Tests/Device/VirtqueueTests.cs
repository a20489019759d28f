using System;
using System.Buffers.Binary;
using System.Linq;
using System.Threading.Tasks;
using RemoteprocEmu.Platform;
using RemoteprocEmu.Platform.Memory;
using RemoteprocEmu.Virtio.Device;
using RemoteprocEmu.Virtio.Ring;
using Xunit;

namespace RemoteprocEmu.Virtio.Tests.Device;

/// <summary>The driver's queue against a device that uses its buffers, and against one that lies.</summary>
public sealed class VirtqueueTests : IDisposable
{
    private static readonly PhysicalAddress Buffer = new(0x4001_0000);

    private readonly VirtioMachine _machine = new();
    private readonly PairDriver _driver = new();

    public void Dispose() => _machine.Dispose();

    [Fact]
    public void A_buffer_comes_back_with_its_token_and_the_used_length()
    {
        Start();
        Assert.Equal(Errno.Ok, _driver.Input.AddInbuf(Buffer, 512, token: 5));
        Assert.Equal(Errno.Ok, _driver.Input.AddInbuf(Buffer, 512, token: 6));
        Assert.Equal(2, InputDevice.UseAll(writtenBytes: 33));
        Assert.True(_driver.Input.GetBuf(out int first, out uint length));
        Assert.Equal((5, 33u), (first, length));
        Assert.True(_driver.Input.GetBuf(out int second, out _));
        Assert.Equal(6, second);
        Assert.False(_driver.Input.GetBuf(out _, out _));
        Assert.Equal(8, _driver.Input.FreeCount);
    }

    [Fact]
    public void RM_16_an_interrupt_without_used_entries_is_not_ours()
    {
        Start();
        Assert.Equal(IrqReturn.None, Interrupt(_driver.Input));
        Assert.Equal(0, _driver.InputCallbackCount);
        Assert.Equal(Errno.Ok, _driver.Input.AddInbuf(Buffer, 512, token: 0));
        Assert.Equal(IrqReturn.None, Interrupt(_driver.Input));
        _ = InputDevice.UseAll(0);
        Assert.Equal(IrqReturn.Handled, Interrupt(_driver.Input));
        Assert.Equal(1, _driver.InputCallbackCount);
    }

    [Fact]
    public void An_interrupt_without_callback_is_handled_all_the_same()
    {
        Start();
        Assert.Equal(Errno.Ok, _driver.Output.AddOutbuf(Buffer, 512, token: 0));
        _ = OutputDevice.UseAll(0);
        Assert.Equal(IrqReturn.Handled, Interrupt(_driver.Output));
    }

    [Fact]
    public void A_queue_without_callback_asks_for_no_interrupt()
    {
        Start();
        Assert.Equal(Errno.Ok, _driver.Input.AddInbuf(Buffer, 512, token: 0));
        Assert.Equal(Errno.Ok, _driver.Output.AddOutbuf(Buffer, 512, token: 0));
        _ = InputDevice.UseAll(0);
        _ = OutputDevice.UseAll(0);
        Assert.True(InputDevice.Device.ShouldInterrupt());
        Assert.False(OutputDevice.Device.ShouldInterrupt());
    }

    [Theory]
    [InlineData(8u, "id 8 out of range")]
    [InlineData(0xffff_ffffu, "id 4294967295 out of range")]
    [InlineData(7u, "id 7 is not a head!")]
    public void RM_33_a_lying_used_id_breaks_that_queue_and_no_other(uint id, string reason)
    {
        Start();
        Assert.Equal(Errno.Ok, _driver.Input.AddInbuf(Buffer, 512, token: 0));
        Lie(id);
        Assert.False(_driver.Input.GetBuf(out _, out _));
        Assert.False(_driver.Input.GetBuf(out _, out _));
        Assert.True(_driver.Input.IsBroken);
        Assert.Equal(reason, _driver.Input.BrokenReason);
        Assert.Equal(Errno.EIO, _driver.Input.AddInbuf(Buffer, 512, token: 1));
        Assert.Equal(Errno.EIO, _driver.Input.AddOutbuf(Buffer, 512, token: 1));
        Assert.Equal(Errno.EIO, _driver.Input.AddSgs([new VringSegment(1, 1)], [], token: 1));
        Assert.False(_driver.Input.Notify());
        Assert.True(_driver.Input.EnableCb());
        Assert.Equal(IrqReturn.Handled, Interrupt(_driver.Input));
        Assert.Equal(0, _driver.InputCallbackCount);
        Assert.Equal($"pair virtio0: input:{reason}", Assert.Single(_machine.LogText)); // once

        Assert.Equal(Errno.Ok, _driver.Output.AddOutbuf(Buffer, 512, token: 4));
        _ = OutputDevice.UseAll(0);
        Assert.True(_driver.Output.GetBuf(out int token, out _));
        Assert.Equal(4, token);
    }

    [Fact]
    public void A_used_index_too_far_ahead_breaks_the_queue()
    {
        Start();
        BinaryPrimitives.WriteUInt16LittleEndian(InputDevice.Block.Span[(Layout.UsedOffset + 2)..], 9);
        Assert.False(_driver.Input.GetBuf(out _, out _));
        Assert.Equal("used index 9 is more than 8 ahead", _driver.Input.BrokenReason);
    }

    [Fact]
    public void A_full_queue_is_ENOSPC_and_an_outgoing_add_kicks_for_it()
    {
        Start();
        for (int token = 0; token < 8; token++) Assert.Equal(Errno.Ok, _driver.Output.AddOutbuf(Buffer, 512, token));
        for (int token = 0; token < 8; token++) Assert.Equal(Errno.Ok, _driver.Input.AddInbuf(Buffer, 512, token));
        Assert.Equal(Errno.ENOSPC, _driver.Output.AddOutbuf(Buffer, 512, token: 8));
        Assert.Equal(Errno.ENOSPC, _driver.Input.AddInbuf(Buffer, 512, token: 8));
        Assert.Equal((1, 0), (OutputDevice.KickCount, InputDevice.KickCount));
    }

    [Fact]
    public void A_chain_is_one_buffer_to_the_caller()
    {
        Start();
        Assert.Equal(Errno.Ok, _driver.Output.AddSgs([new(1, 16), new(2, 16)], [new(3, 16)], token: 77));
        Assert.Equal(5, _driver.Output.FreeCount);
        Assert.Equal(1, OutputDevice.UseAll(16));
        Assert.True(_driver.Output.GetBuf(out int token, out uint length));
        Assert.Equal((77, 16u), (token, length));
        Assert.Equal(8, _driver.Output.FreeCount);
    }

    [Fact]
    public void A_kick_goes_out_only_when_the_device_wants_it()
    {
        Start();
        Assert.Equal(Errno.Ok, _driver.Output.AddOutbuf(Buffer, 512, token: 0));
        Assert.Equal(0, OutputDevice.KickCount); // adding alone does not kick
        Assert.True(_driver.Output.Kick());
        Assert.Equal(1, OutputDevice.KickCount);
        OutputDevice.Device.DisarmKick();
        Assert.Equal(Errno.Ok, _driver.Output.AddOutbuf(Buffer, 512, token: 1));
        Assert.True(_driver.Output.Kick());
        Assert.Equal(1, OutputDevice.KickCount);
    }

    [Fact]
    public void RM_30_with_event_index_a_kick_waits_for_the_event()
    {
        _machine.Transport.DeviceFeatures = VirtioFeatures.Mask(VirtioFeatures.RingEventIdx);
        Start();
        BinaryPrimitives.WriteUInt16LittleEndian(OutputDevice.Block.Span[Layout.AvailEventOffset..], 2);
        int[] kicks = [.. Enumerable.Range(0, 4).Select(token =>
        {
            Assert.Equal(Errno.Ok, _driver.Output.AddOutbuf(Buffer, 512, token));
            Assert.True(_driver.Output.Kick());
            return OutputDevice.KickCount;
        })];
        Assert.Equal([0, 0, 1, 1], kicks);
    }

    [Fact]
    public void A_kick_is_forced_at_65535_adds()
    {
        _machine.Transport.DeviceFeatures = VirtioFeatures.Mask(VirtioFeatures.RingEventIdx);
        Start();
        for (int i = 0; i < 65534; i++) GoRound(i);
        Assert.Equal(0, InputDevice.KickCount);
        GoRound(65534);
        Assert.Equal(1, InputDevice.KickCount);
    }

    [Fact]
    public void A_transport_that_cannot_kick_breaks_the_queue()
    {
        Start();
        _machine.Transport.CanKick = false;
        Assert.Equal(Errno.Ok, _driver.Output.AddOutbuf(Buffer, 512, token: 0));
        Assert.False(_driver.Output.Kick());
        Assert.Equal(Errno.EIO, _driver.Output.AddOutbuf(Buffer, 512, token: 1));
    }

    [Fact]
    public void EnableCb_says_when_something_slipped_in()
    {
        Start();
        _driver.Input.DisableCb();
        Assert.Equal(Errno.Ok, _driver.Input.AddInbuf(Buffer, 512, token: 0));
        _ = InputDevice.UseAll(0);
        Assert.False(InputDevice.Device.ShouldInterrupt());
        Assert.False(_driver.Input.EnableCb());
        Assert.True(_driver.Input.GetBuf(out _, out _));
        Assert.True(_driver.Input.EnableCb());
    }

    [Fact]
    public void A_deleted_queue_takes_no_interrupt_and_no_buffer()
    {
        VirtioDevice device = Start();
        Virtqueue input = _driver.Input;
        Assert.True(device.Config.DelVqsAsync(device).AsTask().IsCompletedSuccessfully);
        Assert.Equal(IrqReturn.None, Interrupt(input));
        Assert.Throws<InvariantException>(() => input.AddInbuf(Buffer, 512, token: 0));
    }

    [Fact]
    public void Message_memory_is_reached_inside_its_bounds_only()
    {
        IDmaMemory dma = _machine.Transport.Dma;
        Assert.Equal(Errno.Ok, dma.TryAllocate("virtio0 buffers", 1000, out DmaBuffer? buffer));
        buffer!.Slice(996, 4).Fill(7);
        Assert.Equal(7, _machine.Bank.Slice(buffer.Address, 1000)[999]);
        Assert.Throws<ArgumentOutOfRangeException>(() => buffer.Slice(997, 4).Length);
        Assert.Throws<ArgumentOutOfRangeException>(() => buffer.Slice(-1, 1).Length);
        dma.Free(buffer);
        Assert.Equal(MemoryBank.Poison, buffer.Slice(999, 1)[0]); // whoever still reads does not see what it hopes for
        Assert.Equal(0, _machine.Bank.LiveBytes);
        Assert.Equal(Errno.ENOMEM, dma.TryAllocate("virtio0 buffers", 1 << 21, out _));
    }

    [Fact]
    public void A_round_allocates_nothing()
    {
        Start();
        for (int i = 0; i < 1000; i++) GoRound(i);
        long before = GC.GetAllocatedBytesForCurrentThread();
        for (int i = 0; i < 10_000; i++) GoRound(i);
        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);
    }

    private static SplitQueueLayout Layout
    {
        get
        {
            _ = SplitQueueLayout.TryCreate(8, 16, 4096, out SplitQueueLayout layout);
            return layout;
        }
    }

    private DeviceQueue InputDevice => _machine.Transport.Queues[0];

    private DeviceQueue OutputDevice => _machine.Transport.Queues[1];

    private VirtioDevice Start()
    {
        VirtioDevice device = _machine.CreateDevice();
        _machine.Run(async () =>
        {
            _ = await _machine.Bus.RegisterDriverAsync(_driver);
            _ = await _machine.Bus.RegisterDeviceAsync(device);
        });
        return device;
    }

    private void GoRound(int token)
    {
        _ = _driver.Input.AddInbuf(Buffer, 512, token);
        _ = InputDevice.UseAll(0);
        _ = _driver.Input.GetBuf(out _, out _);
    }

    private void Lie(uint id)
    {
        Span<byte> ring = InputDevice.Block.Span;
        BinaryPrimitives.WriteUInt32LittleEndian(ring[(Layout.UsedOffset + 4)..], id);
        BinaryPrimitives.WriteUInt16LittleEndian(ring[(Layout.UsedOffset + 2)..], 1);
    }

    private static IrqReturn Interrupt(Virtqueue queue)
    {
        ValueTask<IrqReturn> pending = queue.InterruptAsync();
        return pending.IsCompletedSuccessfully ? pending.Result : throw new InvalidOperationException("The callback waits.");
    }
}
