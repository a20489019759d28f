using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Threading.Tasks;
using Microsoft.Win32.SafeHandles;
using RemoteprocEmu.Interop.Native;
using RemoteprocEmu.Interop.VhostUser;
using RemoteprocEmu.Platform;
using RemoteprocEmu.Platform.Memory;
using RemoteprocEmu.Virtio.Device;
using RemoteprocEmu.Virtio.Ring;
using Xunit;

namespace RemoteprocEmu.Interop.Tests.VhostUser;

/// <summary>Our virtio bus on a vhost-user socket, with Linux' habits: what virtio_uml says, in its order.</summary>
/// <remarks>Source: Linux arch/um/drivers/virtio_uml.c, vhost_user_init, vu_find_vqs, vu_setup_vq, vu_del_vqs.</remarks>
internal sealed class LinuxTransport : IVirtioConfigOps, IDmaMemory, IDisposable
{
    private const ulong Address = 0x6000_0000; // of guest and front end alike, and the offset in the kernel's memory file
    private const int SizeBytes = 1 << 20, QueueSize = 256, AlignBytes = 4096;
    private const ulong ProtocolFeatures = (ulong)(VhostUserProtocolFeatures.ReplyAck | VhostUserProtocolFeatures.BackendReq |
        VhostUserProtocolFeatures.Config | VhostUserProtocolFeatures.InbandNotifications); // what 6.1 knows

    private readonly SharedMemory _memory = SharedMemory.Create("linux", SizeBytes);
    private readonly MemoryBank _bank;
    private readonly FrontEnd _frontEnd;
    private readonly DescriptorSocket _channel;
    private readonly List<(MemoryBlock Ring, NotifyDescriptor Kick, NotifyDescriptor Call, Virtqueue Queue)> _queues = [];
    private readonly Dictionary<DmaBuffer, MemoryBlock> _buffers = [];
    private VirtioStatus _status;

    public LinuxTransport(FrontEnd frontEnd)
    {
        _frontEnd = frontEnd;
        _bank = new MemoryBank("linux", new PhysicalAddress(Address), _memory);
        _ = frontEnd.Send(VhostUserRequest.SetOwner, []);
        Offered = frontEnd.Ask(VhostUserRequest.GetFeatures);
        ulong protocol = frontEnd.Ask(VhostUserRequest.GetProtocolFeatures) & ProtocolFeatures;
        frontEnd.WantsAcks = true;
        _ = frontEnd.Send(VhostUserRequest.SetProtocolFeatures, protocol);
        (_channel, DescriptorSocket theirs) = DescriptorSocket.CreatePair();
        using (theirs) _ = frontEnd.Send(VhostUserRequest.SetBackendReqFd, [], (SafeFileHandle)theirs.Handle);
    }

    public ulong Offered { get; }

    public IDmaMemory Dma => this;

    public uint Generation => 0;

    public ulong GetFeatures() => Offered;

    public VirtioStatus GetStatus() => _status;

    public void SetStatus(VirtioStatus status) => _status = status; // no message: Linux 6.1 drops STATUS

    public void Reset() => _status = VirtioStatus.None;

    public bool TryReadConfig(int offset, Span<byte> destination) => false;

    public bool TryWriteConfig(int offset, ReadOnlySpan<byte> source) => false;

    public Errno FinalizeFeatures(ref ulong features)
    {
        features = VirtioFeatures.VringTransportFeatures(features);
        _ = _frontEnd.Send(VhostUserRequest.SetFeatures, features | VirtioFeatures.Mask(VhostUserFeatures.ProtocolFeatures));
        return Errno.Ok;
    }

    public ValueTask<(Errno Errno, Virtqueue?[] Queues)> FindVqsAsync(VirtioDevice device, VirtqueueRequest[] requests)
    {
        using (SafeFileHandle descriptor = File.OpenHandle(_memory.Path, FileMode.Open, FileAccess.ReadWrite, FileShare.ReadWrite))
            Assert.Equal(0u, _frontEnd.SetMemory([new VhostUserRegion(Address, SizeBytes, Address, 0)], descriptor));
        Assert.Equal(RingStatus.Ok, SplitQueueLayout.TryCreate(QueueSize, AlignBytes, int.MaxValue, out SplitQueueLayout layout));
        for (int i = 0; i < requests.Length; i++)
        {
            MemoryBlock ring = _bank.Allocate($"vring{i}", layout.SizeBytes)!;
            NotifyDescriptor kick = NotifyDescriptor.Create(), call = NotifyDescriptor.Create();
            ulong at = ring.Address.Value;
            Assert.Equal(0u, _frontEnd.Send(VhostUserRequest.SetVringCall, (ulong)i, call.Handle));
            Assert.Equal(0u, _frontEnd.Send(VhostUserRequest.SetVringNum, i, QueueSize));
            Assert.Equal(0u, _frontEnd.Send(VhostUserRequest.SetVringBase, i, 0));
            Assert.Equal(0u, _frontEnd.SetRingAddress(i, at, at + (ulong)layout.AvailOffset, at + (ulong)layout.UsedOffset));
            _queues.Add((ring, kick, call, new Virtqueue(device, i, requests[i], layout, ring.Memory, _ => kick.Ring())));
        }

        for (int i = 0; i < requests.Length; i++)
        {
            Assert.Equal(0u, _frontEnd.Send(VhostUserRequest.SetVringKick, (ulong)i, _queues[i].Kick.Handle));
            Assert.Equal(0u, _frontEnd.Send(VhostUserRequest.SetVringEnable, i, 1));
        }

        return new ValueTask<(Errno, Virtqueue?[])>((Errno.Ok, [.. _queues.Select(queue => queue.Queue)]));
    }

    public ValueTask DelVqsAsync(VirtioDevice device)
    {
        for (int i = _queues.Count - 1; i >= 0; i--) _ = _frontEnd.Send(VhostUserRequest.SetVringEnable, i, 0);
        _ = _frontEnd.Ask(VhostUserRequest.GetFeatures); // so that all before it has been handled
        foreach ((MemoryBlock ring, NotifyDescriptor kick, NotifyDescriptor call, Virtqueue queue) in _queues)
        {
            queue.Delete();
            kick.Dispose();
            call.Dispose();
            _bank.Free(ring);
        }

        _queues.Clear();
        return ValueTask.CompletedTask;
    }

    public Errno TryAllocate(string owner, int lengthBytes, out DmaBuffer? buffer)
    {
        MemoryBlock block = _bank.Allocate(owner, lengthBytes)!;
        buffer = new DmaBuffer(owner, block.Address, block.Memory[..lengthBytes]);
        _buffers.Add(buffer, block);
        return Errno.Ok;
    }

    public void Free(DmaBuffer buffer)
    {
        Assert.True(_buffers.Remove(buffer, out MemoryBlock? block));
        _bank.Free(block!);
    }

    /// <summary>The interrupts, taken from the call descriptors.</summary>
    /// <returns>False when there was none.</returns>
    public async ValueTask<bool> InterruptAsync()
    {
        bool any = false;
        for (int i = 0; i < _queues.Count; i++)
        {
            if (!_queues[i].Call.TryTake(out bool rang) || !rang) continue;
            any = true;
            _ = await _queues[i].Queue.InterruptAsync(); // spurious ones are nothing
        }

        return any;
    }

    public void Dispose()
    {
        _channel.Dispose();
        _frontEnd.Dispose();
        ((IDisposable)_memory).Dispose();
    }
}
