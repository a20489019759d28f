using System;
using System.IO;
using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;
using RemoteprocEmu.Interop.Native;
using RemoteprocEmu.Interop.VhostUser;
using RemoteprocEmu.Platform.Access;
using RemoteprocEmu.Platform.Memory;
using RemoteprocEmu.Rpmsg.Wire;
using RemoteprocEmu.Virtio.Ring;
using Xunit;

namespace RemoteprocEmu.Interop.Tests.VhostUser;

/// <summary>A guest's memory with two rings of 16 in it, and the driver halves on them, as Linux lays them out.</summary>
/// <remarks>
/// <code>
/// 0x0000  ring 0, from the device     0x4000  its buffers, 16 of 512 bytes
/// 0x8000  ring 1, to the device       0xc000  its buffers
/// </code>
/// </remarks>
internal sealed class Guest : IDisposable
{
    public const string Name = "guest-under-test";
    public const ulong GuestAddress = 0x1_0000_0000, UserAddress = 0x7000_0000_0000;
    public const int SizeBytes = 0x10000, QueueSize = 16, BufferBytes = 512;

    private const int RingStep = 0x8000, BuffersOffset = 0x4000, AlignBytes = 4096;

    private readonly SharedMemory _memory = SharedMemory.Create(Name, SizeBytes);
    private readonly DriverState[] _states = new DriverState[2];
    private readonly NotifyDescriptor[] _kicks = [NotifyDescriptor.Create(), NotifyDescriptor.Create()];
    private readonly NotifyDescriptor[] _calls = [NotifyDescriptor.Create(), NotifyDescriptor.Create()];
    private readonly SplitQueueLayout _layout;

    public Guest()
    {
        Assert.Equal(RingStatus.Ok, SplitQueueLayout.TryCreate(QueueSize, AlignBytes, RingStep, out _layout));
        Region = new VhostUserRegion(GuestAddress, SizeBytes, UserAddress, 0);
    }

    public VhostUserRegion Region { get; }

    /// <summary>Whether some of the memory is gone.</summary>
    public bool IsTruncated { get; private set; }

    public Span<byte> Bytes => _memory.GetSpan();

    /// <summary>A descriptor of the memory, as one sends it.</summary>
    public SafeFileHandle OpenDescriptor() => File.OpenHandle(_memory.Path, FileMode.Open, FileAccess.ReadWrite, FileShare.ReadWrite);

    /// <summary>Makes the memory's file shorter.</summary>
    public void Truncate(long lengthBytes)
    {
        using FileStream file = new(OpenDescriptor(), FileAccess.ReadWrite);
        file.SetLength(lengthBytes);
        IsTruncated = lengthBytes < SizeBytes;
    }

    /// <summary>All that a driver says until its device runs, in the order of Linux; the first kick last.</summary>
    public void Start(FrontEnd frontEnd)
    {
        SetUp(frontEnd);
        Kick(0);
    }

    /// <summary>The same without the kick.</summary>
    public void SetUp(FrontEnd frontEnd, ulong features = 0x1_4000_0001)
    {
        _ = frontEnd.Send(VhostUserRequest.SetFeatures, features);
        using (SafeFileHandle descriptor = OpenDescriptor()) _ = frontEnd.SetMemory([Region], descriptor);
        for (int ring = 0; ring < 2; ring++)
        {
            Bytes.Slice(ring * RingStep, _layout.SizeBytes).Clear();
            _states[ring] = new DriverState(_layout);
            ulong at = UserAddress + ((ulong)ring * RingStep);
            _ = frontEnd.Send(VhostUserRequest.SetVringCall, (ulong)ring, _calls[ring].Handle);
            _ = frontEnd.Send(VhostUserRequest.SetVringNum, ring, QueueSize);
            _ = frontEnd.Send(VhostUserRequest.SetVringBase, ring, 0);
            _ = frontEnd.SetRingAddress(ring, at, at + (ulong)_layout.AvailOffset, at + (ulong)_layout.UsedOffset);
        }

        for (int i = 0; i < QueueSize; i++)
            Assert.Equal(RingStatus.Ok, Ring(0).TryOffer(new VringSegment(BufferAddress(0, i), BufferBytes), writable: true, i));
        Ring(0).Publish();
        for (int ring = 0; ring < 2; ring++)
        {
            _ = frontEnd.Send(VhostUserRequest.SetVringKick, (ulong)ring, _kicks[ring].Handle);
            _ = frontEnd.Send(VhostUserRequest.SetVringEnable, ring, 1);
        }
    }

    /// <summary>As the Linux driver stops.</summary>
    public static void Stop(FrontEnd frontEnd)
    {
        _ = frontEnd.Send(VhostUserRequest.SetVringEnable, 1, 0);
        _ = frontEnd.Send(VhostUserRequest.SetVringEnable, 0, 0);
        _ = frontEnd.Ask(VhostUserRequest.GetFeatures);
    }

    /// <summary>Sets both rings up again, to go on at a position, without a kick.</summary>
    public void Resume(FrontEnd frontEnd, uint position)
    {
        for (int ring = 0; ring < 2; ring++)
        {
            ulong at = UserAddress + ((ulong)ring * RingStep);
            _ = frontEnd.Send(VhostUserRequest.SetVringBase, ring, ring == 0 ? position : 0);
            _ = frontEnd.SetRingAddress(ring, at, at + (ulong)_layout.AvailOffset, at + (ulong)_layout.UsedOffset);
            _ = frontEnd.Send(VhostUserRequest.SetVringCall, (ulong)ring, _calls[ring].Handle);
            _ = frontEnd.Send(VhostUserRequest.SetVringKick, (ulong)ring, _kicks[ring].Handle);
            _ = frontEnd.Send(VhostUserRequest.SetVringEnable, ring, 1);
        }
    }

    /// <summary>Takes back what the device has read.</summary>
    public void ReclaimSent()
    {
        while (Ring(1).TryReclaim(out _, out _) == RingStatus.Ok) { }
    }

    /// <summary>Has the device send until it has no buffer left but what is offered next.</summary>
    public void SpendBuffers(BackEnd backEnd)
    {
        for (int i = 0; i < QueueSize - 1; i++) // one has gone for the announcement
        {
            Send(i % QueueSize, 0x400, [0]);
            backEnd.Turn();
            ReclaimSent();
        }

        while (Ring(0).TryReclaim(out _, out _) == RingStatus.Ok) { } // and lends none again
    }

    public void Kick(int ring) => Assert.True(_kicks[ring].Ring());

    public bool WasCalled(int ring) => _calls[ring].TryTake(out bool rang) && rang;

    /// <summary>Sends a message in buffer <paramref name="index"/>.</summary>
    public void Send(int index, uint destination, ReadOnlySpan<byte> payload)
    {
        Span<byte> buffer = Bytes.Slice(RingStep + BuffersOffset + (index * BufferBytes), BufferBytes);
        RpmsgHeader header = new(new RpmsgAddress(0x500), new RpmsgAddress(destination), (ushort)payload.Length);
        MemoryMarshal.Write(buffer, in header);
        payload.CopyTo(buffer[RpmsgHeader.SizeBytes..]);
        uint length = (uint)(RpmsgHeader.SizeBytes + payload.Length);
        Assert.Equal(RingStatus.Ok, Ring(1).TryOffer(new VringSegment(BufferAddress(1, index), length), writable: false, index));
        Ring(1).Publish();
        Kick(1);
    }

    /// <summary>Offers the device a buffer at an address.</summary>
    public void Offer(int ring, ulong address, uint lengthBytes, bool writable)
    {
        Assert.Equal(RingStatus.Ok, Ring(ring).TryOffer(new VringSegment(address, lengthBytes), writable, 99));
        Ring(ring).Publish();
        Kick(ring);
    }

    /// <summary>Receives a message, and lends its buffer again.</summary>
    /// <returns>The payload; null when there is none.</returns>
    public byte[]? Receive()
    {
        if (Ring(0).TryReclaim(out int token, out _) != RingStatus.Ok) return null;
        Span<byte> buffer = Bytes.Slice(BuffersOffset + (token * BufferBytes), BufferBytes);
        RpmsgHeader header = MemoryMarshal.Read<RpmsgHeader>(buffer);
        byte[] payload = buffer.Slice(RpmsgHeader.SizeBytes, header.LengthBytes).ToArray();
        Assert.Equal(RingStatus.Ok, Ring(0).TryOffer(new VringSegment(BufferAddress(0, token), BufferBytes), writable: true, token));
        Ring(0).Publish();
        return payload;
    }

    public void Dispose()
    {
        foreach (NotifyDescriptor descriptor in (NotifyDescriptor[])[.. _kicks, .. _calls]) descriptor.Dispose();
        ((IDisposable)_memory).Dispose();
    }

    private static ulong BufferAddress(int ring, int index) =>
        GuestAddress + (ulong)((ring * RingStep) + BuffersOffset + (index * BufferBytes));

    private SplitQueueDriver<HostAccess> Ring(int ring) => new(Bytes.Slice(ring * RingStep, _layout.SizeBytes), _states[ring]);
}
