using System;
using System.Linq;
using System.Text;
using Microsoft.Win32.SafeHandles;
using RemoteprocEmu.Interop.Native;
using RemoteprocEmu.Interop.VhostUser;
using RemoteprocEmu.Platform.Memory;
using Xunit;

namespace RemoteprocEmu.Interop.Tests.VhostUser;

public sealed class BackendTests : IDisposable
{
    private readonly BackEnd _backEnd = new();
    private readonly Guest _guest = new();

    public void Dispose()
    {
        _backEnd.Dispose();
        _guest.Dispose();
    }

    [Fact]
    public void A_driver_gets_the_announcement_and_its_echoes_and_a_second_one_gets_them_anew()
    {
        using FrontEnd frontEnd = Negotiate();
        for (int life = 0; life < 3; life++)
        {
            _guest.Start(frontEnd);
            _backEnd.Turn();
            Assert.True(_guest.WasCalled(0));
            Assert.Equal("echo", Encoding.ASCII.GetString(_guest.Receive()!, 0, 4));
            for (int i = 0; i < 100; i++)
            {
                byte[] payload = [.. Enumerable.Repeat((byte)i, i)];
                _guest.Send(i % Guest.QueueSize, 0x400, payload);
                _backEnd.Turn();
                Assert.Equal(payload, _guest.Receive());
                if (i % Guest.QueueSize == Guest.QueueSize - 1) _guest.ReclaimSent();
            }

            Assert.Equal(life + 1, _backEnd.Remote.LinkCount);
            Guest.Stop(frontEnd);
            Assert.False(_backEnd.Remote.IsLinked);
        }

        Assert.Equal(VhostUserFault.None, _backEnd.Refused);
    }

    [Fact]
    public void Each_driver_is_there_from_its_own_first_kick_on()
    {
        using FrontEnd frontEnd = Negotiate();
        for (int life = 0; life < 2; life++)
        {
            _guest.SetUp(frontEnd);
            _ = frontEnd.Ask(VhostUserRequest.GetFeatures);
            Assert.False(_backEnd.Backend.HasDriver);
            _guest.Kick(0);
            _backEnd.Turn();
            Assert.True(_backEnd.Backend.HasDriver);
            Guest.Stop(frontEnd);
            Assert.Equal(life + 1, _backEnd.Backend.ResetCount);
        }
    }

    [Fact]
    public void After_a_driver_has_stopped_nothing_of_its_memory_is_touched()
    {
        using FrontEnd frontEnd = Negotiate();
        _guest.Start(frontEnd);
        _backEnd.Turn();
        Guest.Stop(frontEnd);
        _guest.Bytes.Fill(0x5a);
        _guest.Kick(0);
        _guest.Kick(1);
        _backEnd.Turn();
        Assert.False(_guest.Bytes.ContainsAnyExcept((byte)0x5a));
    }

    [Fact]
    public void A_ring_that_is_stopped_says_where_it_was_and_goes_on_from_there()
    {
        using FrontEnd frontEnd = Negotiate();
        _guest.Start(frontEnd);
        _backEnd.Turn();
        byte[] state = frontEnd.Exchange(VhostUserRequest.GetVringBase, [0, 0, 0, 0, 0, 0, 0, 0]);
        Assert.Equal([0, 0, 0, 0, 1, 0, 0, 0], state); // one announcement
        Assert.False(_backEnd.Backend.HasDriver);
        state = frontEnd.Exchange(VhostUserRequest.GetVringBase, [1, 0, 0, 0, 0, 0, 0, 0]);
        Assert.Equal([1, 0, 0, 0, 0, 0, 0, 0], state);

        _ = _guest.Receive();
        _guest.Resume(frontEnd, position: 1);
        _backEnd.Turn();
        Assert.True(_backEnd.Backend.HasDriver);
        Assert.Equal("echo", Encoding.ASCII.GetString(_guest.Receive()!, 0, 4)); // announced to the one who goes on, too
        Assert.Equal(VhostUserFault.None, _backEnd.Refused);
    }

    [Fact]
    public void With_the_status_message_it_is_DRIVER_OK_that_starts_and_0_that_resets()
    {
        using FrontEnd frontEnd = Negotiate();
        _ = frontEnd.Send(VhostUserRequest.SetStatus, 11);
        _guest.Start(frontEnd);
        _backEnd.Turn();
        Assert.False(_backEnd.Backend.HasDriver);
        _ = frontEnd.Send(VhostUserRequest.SetStatus, 15);
        Assert.Equal(15u, frontEnd.Ask(VhostUserRequest.GetStatus));
        Assert.True(_backEnd.Backend.HasDriver);
        Assert.Equal("echo", Encoding.ASCII.GetString(_guest.Receive()!, 0, 4));
        _ = frontEnd.Send(VhostUserRequest.SetStatus, 0);
        Assert.Equal(0u, frontEnd.Ask(VhostUserRequest.GetStatus));
        Assert.Equal(1, _backEnd.Backend.ResetCount);
        Assert.False(_backEnd.Remote.IsLinked);
    }

    [Fact]
    public void Memory_that_is_cut_off_ends_the_connection_and_not_the_process()
    {
        if (!TruncationGuard.IsOn) return; // another processor: docs/decisions/0008-memory-that-shrinks.md
        using (FrontEnd frontEnd = Negotiate())
        {
            _guest.Start(frontEnd);
            _backEnd.Turn();
            _guest.Truncate(0);
            _guest.Kick(1); // the device half looks at its rings
            Assert.True(frontEnd.IsClosedByPeer());
            Assert.Equal(VhostUserFault.MemoryShrank, _backEnd.Ended);
        }

        _guest.Truncate(Guest.SizeBytes);
        using FrontEnd next = Negotiate(); // and the next is served
        _guest.Start(next);
        _backEnd.Turn();
        Assert.True(_guest.WasCalled(0));
    }

    [Theory]
    [InlineData(0x2_0000_0000ul, 64u, true)]                         // nobody's memory
    [InlineData(Guest.GuestAddress + Guest.SizeBytes - 32, 64u, true)] // half of it
    [InlineData(ulong.MaxValue - 8, 64u, true)]                      // wraps
    [InlineData(Guest.GuestAddress + 0x4000, 8u, true)]              // no room for a header
    [InlineData(Guest.GuestAddress + 0x4000, 64u, false)]            // the wrong way round
    public void A_buffer_that_is_none_stops_its_ring_alone(ulong address, uint lengthBytes, bool isWritable)
    {
        using FrontEnd frontEnd = Negotiate();
        _guest.Start(frontEnd);
        _backEnd.Turn();
        _guest.SpendBuffers(_backEnd);
        _guest.Offer(0, address, lengthBytes, isWritable);
        _guest.Send(0, 0x400, [1]);
        _backEnd.Turn();
        Assert.NotEqual(default, _backEnd.Remote.SendFault.Kind);
        Assert.Equal(default, _backEnd.Remote.ReceiveFault.Kind);
    }

    [Fact]
    public void Each_bad_region_has_its_refusal_and_changes_nothing()
    {
        using FrontEnd frontEnd = Negotiate(acks: true);
        using SafeFileHandle memory = _guest.OpenDescriptor();
        using NotifyDescriptor bell = NotifyDescriptor.Create();
        VhostUserRegion good = _guest.Region;
        Assert.Equal(0u, frontEnd.SetMemory([good], memory));
        Refuses(VhostUserFault.BadDescriptorCount, () => frontEnd.SetMemory([good]));
        Refuses(VhostUserFault.BadDescriptorCount, () => frontEnd.SetMemory([good], memory, memory));
        Refuses(VhostUserFault.BadRegion, () => frontEnd.SetMemory([good with { SizeBytes = 0 }], memory));
        Refuses(VhostUserFault.BadRegion, () => frontEnd.SetMemory([good with { SizeBytes = 4097 }], memory));
        Refuses(VhostUserFault.BadRegion, () => frontEnd.SetMemory([good with { GuestAddress = ulong.MaxValue - 4095 }], memory));
        Refuses(VhostUserFault.BadRegion, () => frontEnd.SetMemory([good with { FileOffset = ulong.MaxValue - 4095 }], memory));
        Refuses(VhostUserFault.BadRegion, () => frontEnd.SetMemory([good with { SizeBytes = 1ul << 40 }], memory));
        Refuses(VhostUserFault.BadRegion, () => frontEnd.SetMemory([good, good], memory, memory));
        Refuses(VhostUserFault.RegionNotMapped, () => frontEnd.SetMemory([good with { SizeBytes = 0x11000 }], memory));
        Refuses(VhostUserFault.RegionNotMapped, () => frontEnd.SetMemory([good with { FileOffset = 0x1000 }], memory));
        Refuses(VhostUserFault.RegionNotMapped, () => frontEnd.SetMemory([good], bell.Handle));
        Assert.Equal(1, _backEnd.Backend.Memory.RegionCount);
        Assert.True(_backEnd.Backend.Memory.TryTranslate(Guest.UserAddress + 1, 1, out DeviceAddress address));
        Assert.Equal(Guest.GuestAddress + 1, address.Value);
        Assert.False(_backEnd.Backend.Memory.TryTranslate(Guest.UserAddress + Guest.SizeBytes - 1, 2, out _));
    }

    [Fact]
    public void Each_request_that_cannot_be_met_is_refused_and_the_conversation_goes_on()
    {
        using FrontEnd frontEnd = Negotiate(acks: true);
        _guest.Start(frontEnd);
        _backEnd.Turn();
        Refuses(VhostUserFault.FeatureNotOffered, () => frontEnd.Send(VhostUserRequest.SetFeatures, 1ul << 26));
        Refuses(VhostUserFault.FeatureNotOffered, () => frontEnd.Send(VhostUserRequest.SetProtocolFeatures, 1ul << 63));
        Refuses(VhostUserFault.RingRuns, () => frontEnd.Send(VhostUserRequest.SetFeatures, 0ul));
        Refuses(VhostUserFault.RingRuns, () => frontEnd.Send(VhostUserRequest.SetVringNum, 0, 8));
        Refuses(VhostUserFault.RingRuns, () => frontEnd.SetRingAddress(0, 0, 0, 0));
        Refuses(VhostUserFault.NoSuchRing, () => frontEnd.Send(VhostUserRequest.SetVringEnable, 2, 1));
        Refuses(VhostUserFault.NoSuchRing, () => frontEnd.Send(VhostUserRequest.SetVringCall, 0x102ul));
        Refuses(VhostUserFault.BadValue, () => frontEnd.Send(VhostUserRequest.SetVringEnable, 0, 2));
        Refuses(VhostUserFault.BadDescriptorCount, () => frontEnd.Send(VhostUserRequest.SetVringKick, 0ul));
        Refuses(VhostUserFault.NotOffered, () => frontEnd.Send(VhostUserRequest.SetVringKick, 0x100ul));
        Refuses(VhostUserFault.NotOffered, () => frontEnd.Send(VhostUserRequest.VringKick, 0, 0));
        Refuses(VhostUserFault.NotOffered, () => frontEnd.Send(VhostUserRequest.SetLogBase, new byte[16]));
        Refuses(VhostUserFault.NotOffered, () => frontEnd.Send(VhostUserRequest.AddMemReg, new byte[40]));
        Refuses(VhostUserFault.NotOffered, () => frontEnd.Send((VhostUserRequest)999, 0ul));
        Refuses(VhostUserFault.BadLength, () => frontEnd.Send(VhostUserRequest.SetFeatures, new byte[7]));
        Guest.Stop(frontEnd);
        Refuses(VhostUserFault.BadRingSize, () => frontEnd.Send(VhostUserRequest.SetVringNum, 0, 3));
        Refuses(VhostUserFault.BadRingSize, () => frontEnd.Send(VhostUserRequest.SetVringNum, 0, 65536));
        Refuses(VhostUserFault.BadRingAddress, () => frontEnd.SetRingAddress(0, 64, 64 + 256, 4096));
        Assert.Empty(frontEnd.Exchange(VhostUserRequest.GetConfig, [0, 0, 0, 0, 4, 0, 0, 0, 0, 0, 0, 0, 1, 2, 3, 4]));
        Assert.Equal(2u, frontEnd.Ask(VhostUserRequest.GetQueueNum));
        _guest.Start(frontEnd);
        _backEnd.Turn();
        Assert.True(_backEnd.Remote.IsLinked);
    }

    [Fact]
    public void Without_an_acknowledgement_a_refusal_ends_the_connection()
    {
        using FrontEnd frontEnd = Negotiate();
        _ = frontEnd.Send(VhostUserRequest.SetLogBase, new byte[16]);
        Assert.True(frontEnd.IsClosedByPeer());
        Assert.Equal(VhostUserFault.NotOffered, _backEnd.Ended);
    }

    [Theory]
    [InlineData(2u, 0u, VhostUserFault.BadVersion)]
    [InlineData(0u, 0u, VhostUserFault.BadVersion)]
    [InlineData(1u, 5000u, VhostUserFault.TooLong)]
    [InlineData(1u, uint.MaxValue, VhostUserFault.TooLong)]
    [InlineData(5u, 0u, VhostUserFault.UnexpectedReply)]
    public void What_is_no_message_ends_the_connection(uint flags, uint payloadBytes, VhostUserFault expected)
    {
        using FrontEnd frontEnd = _backEnd.Connect();
        _ = frontEnd.SendRaw(new VhostUserHeader(1, flags, payloadBytes), []);
        Assert.True(frontEnd.IsClosedByPeer());
        Assert.Equal(expected, _backEnd.Ended);
    }

    [Fact]
    public void A_message_in_single_bytes_is_one_message_and_its_descriptors_are_its_own()
    {
        using FrontEnd frontEnd = Negotiate();
        using NotifyDescriptor bell = NotifyDescriptor.Create();
        byte[] message = new byte[20];
        new VhostUserHeader((uint)VhostUserRequest.SetVringCall, 1, 8).Write(message);
        for (int i = 0; i < message.Length; i++)
        {
            ReadOnlySpan<SafeFileHandle> descriptors = i == 0 ? [bell.Handle] : [];
            Assert.Equal(SocketStatus.Ok, frontEnd.Socket.Send(message.AsSpan(i, 1), descriptors));
            _backEnd.Turn();
        }

        _ = frontEnd.Ask(VhostUserRequest.GetFeatures);
        _backEnd.Backend.Call(0);
        Assert.True(bell.TryTake(out bool rang) && rang);
    }

    private FrontEnd Negotiate(bool acks = false)
    {
        FrontEnd frontEnd = _backEnd.Connect();
        _ = frontEnd.Send(VhostUserRequest.SetOwner, []);
        Assert.Equal(0x1_4000_0001u, frontEnd.Ask(VhostUserRequest.GetFeatures));
        _ = frontEnd.Send(VhostUserRequest.SetProtocolFeatures, frontEnd.Ask(VhostUserRequest.GetProtocolFeatures));
        frontEnd.WantsAcks = acks;
        return frontEnd;
    }

    private void Refuses(VhostUserFault expected, Func<ulong> request)
    {
        Assert.NotEqual(0u, request());
        Assert.Equal(expected, _backEnd.Refused);
    }
}
