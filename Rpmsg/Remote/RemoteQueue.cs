using System;
using System.Collections.Generic;
using System.Runtime.InteropServices;
using RemoteprocEmu.Platform;
using RemoteprocEmu.Platform.Access;
using RemoteprocEmu.Platform.Memory;
using RemoteprocEmu.Platform.Tasks;
using RemoteprocEmu.Rpmsg.Wire;
using RemoteprocEmu.Virtio.Remote;
using RemoteprocEmu.Virtio.Ring;

namespace RemoteprocEmu.Rpmsg.Remote;

/// <summary>One ring of the remote half, and who has each buffer of it.</summary>
/// <remarks>
/// Every address is looked up on every use: the host may unmap what it likes when it likes. The first fault stops the queue until
/// <see cref="Begin"/>; a stopped queue touches no memory.
/// </remarks>
internal sealed class RemoteQueue(Scheduler scheduler, RemoteMemory memory, int vringIndex, bool buffersAreWritable)
{
    private const int Reclaimed = -1;

    private static readonly NameSeries s_availRings = new("avail ring at ", "");
    private static readonly NameSeries s_usedRings = new("used ring at ", "");

    private RemoteVring _vring;
    private SharedState? _offered;      // what the driver writes; the host has one of the same name
    private SharedState? _used;         // what we write; the host has one of the same name
    private DeviceState? _state;        // null until Begin, and when there is no ring
    private VringSegment[] _segments = []; // by head: the buffer, while it is ours
    private int[] _holders = [];        // by head: how many have it on our side; 0 when it is the driver's, Reclaimed when it is put back
    private long[] _serials = [];       // by head: which taking it was; 0 when it is the driver's
    private long _serialBeforeBegin;
    private long _lastSerial;
    private ushort _returned;
    private ushort _published;
    private bool _kickArmed;
    private MemoryBlock? _ringBlock;      // whose memory the ring was when it was set up; null where nobody watches, or nobody's
    private MemoryBlock?[]? _bufferBlocks; // by head: whose memory the buffer was when it was taken; null where nobody watches

    /// <summary>Buffers taken and put back unsent: no ring knows a way back for them, so they are the first to be taken again.</summary>
    private readonly Queue<ushort> _reclaimed = new();

    public RemoteQueueFault Fault { get; private set; } = new(vringIndex, RemoteFaultKind.None, RingStatus.Ok, 0);

    public int VdevIndex { get; set; }

    public bool ReturnsWholeBuffers { get; set; }

    public bool Polls { get; set; }

    public bool IsBroken => _state is null || Fault.Kind != RemoteFaultKind.None;

    public int NotifyId => _vring.NotifyId;

    public int QueueSize => _state?.Layout.QueueSize ?? 0;

    /// <summary>Sets the queue up as the entry says, with all positions at 0; every buffer taken before is stale.</summary>
    public void Begin(RemoteVring vring, RingFeatures features)
    {
        End();
        _vring = vring;
        Fault = new(vringIndex, RemoteFaultKind.None, RingStatus.Ok, 0);
        NoteRing();
        if (vring.Address.IsAny)
        {
            Break(RemoteFaultKind.RingUnset, vring.Address.Value);
            return;
        }

        if (SplitQueueLayout.TryCreate(vring.QueueSize, vring.AlignBytes, int.MaxValue, out SplitQueueLayout layout) != RingStatus.Ok)
        {
            Break(RemoteFaultKind.RingGeometry, vring.QueueSize);
            return;
        }

        if (_segments.Length != layout.QueueSize)
        {
            _segments = new VringSegment[layout.QueueSize];
            _holders = new int[layout.QueueSize];
            _serials = new long[layout.QueueSize];
            _ = _reclaimed.EnsureCapacity(layout.QueueSize);
        }

        if (scheduler.Watch is not null) _bufferBlocks = new MemoryBlock?[layout.QueueSize];
        _state = new DeviceState(layout, features)
        {
            CoalescesUsed = true, // a message says itself how long it is
            Position = vring.Position,
        };
        _returned = _published = vring.Position;
        _offered = SharedState.Of(scheduler, s_availRings[vring.Address]);
        _used = SharedState.Of(scheduler, s_usedRings[vring.Address]);
        _kickArmed = true; // zeroed memory asks for kicks
    }

    /// <summary>Forgets the ring: the driver has reset the device.</summary>
    public void End()
    {
        _state = null;
        Array.Clear(_holders);
        Array.Clear(_serials);
        _reclaimed.Clear();
        _serialBeforeBegin = _lastSerial;
        _returned = _published = 0;
    }

    /// <summary>Whether the used index, which only this half writes, is not what this half wrote: the driver has made the ring
    /// anew.</summary>
    public bool WasMadeAnew()
    {
        if (_state is null || !TryRegion(out Span<byte> region)) return false;
        _used!.Read();
        ref Le16 usedIndex = ref MemoryMarshal.AsRef<Le16>(region[(_state.Layout.UsedOffset + 2)..]);
        return HostAccess.LoadAcquire(ref usedIndex) != _published;
    }

    /// <summary>Buffers that the driver claims to lend and that were not taken yet; 0 for a queue that does not work.</summary>
    public int OfferedCount =>
        IsBroken || !TryRegion(out Span<byte> region) ? 0 : new SplitQueueDevice<HostAccess>(region, _state!).OfferedCount();

    /// <summary>Takes the next buffer; it has one holder then.</summary>
    /// <returns>Ok, NoBuffer or QueueBroken.</returns>
    public RemoteStatus TryTake(out ushort head)
    {
        head = 0;
        if (IsBroken) return RemoteStatus.QueueBroken;
        if (_reclaimed.TryDequeue(out head))
        {
            Own(head, _segments[head]);
            return RemoteStatus.Ok;
        }

        if (!TryRegion(out Span<byte> region)) return BreakUnmapped();
        _offered!.Read();
        SplitQueueDevice<HostAccess> queue = new(region, _state!);
        VringSegment segment = default;
        RingStatus status = queue.TryTake(new Span<VringSegment>(ref segment), out DescriptorChain chain);
        if (status == RingStatus.Empty) return RemoteStatus.NoBuffer;
        if (status == RingStatus.HeadTwice)
        {
            Break(RemoteFaultKind.BufferTwice, _state!.FaultValue);
            return RemoteStatus.QueueBroken;
        }

        if (status != RingStatus.Ok)
        {
            Break(RemoteFaultKind.RingProtocol, _state!.FaultValue, status);
            return RemoteStatus.QueueBroken;
        }

        if (chain.Writable.IsEmpty == buffersAreWritable)
        {
            Break(RemoteFaultKind.BufferDirection, segment.Address);
            return RemoteStatus.QueueBroken;
        }

        if (segment.LengthBytes < RpmsgHeader.SizeBytes)
        {
            Break(RemoteFaultKind.BufferTooSmall, segment.LengthBytes);
            return RemoteStatus.QueueBroken;
        }

        head = chain.Head;
        if (_bufferBlocks is not null) _bufferBlocks[head] = BlockAt(segment.Address);
        Own(head, segment);
        return RemoteStatus.Ok;
    }

    /// <summary>The bytes of a buffer that is ours, header included.</summary>
    /// <returns>False when there is no memory behind it; the queue is broken then.</returns>
    public bool TryBytes(ushort head, out Span<byte> bytes)
    {
        VringSegment segment = _segments[head];
        if (_bufferBlocks is not null && _bufferBlocks[head] is { } block) NoteUse(block, isBuffer: true);
        if (memory.TrySlice(new DeviceAddress(segment.Address), segment.LengthBytes, out bytes)) return true;
        Break(RemoteFaultKind.BufferUnmapped, segment.Address);
        return false;
    }

    /// <summary>Which taking of the buffer this is.</summary>
    public long Serial(ushort head) => _serials[head];

    /// <summary>Whether the buffer is still the one that was taken then.</summary>
    /// <returns>Ok; Stale when the device was reset since.</returns>
    /// <exception cref="InvalidOperationException">It was given back already.</exception>
    public RemoteStatus Check(ushort head, long serial)
    {
        if (serial <= _serialBeforeBegin) return RemoteStatus.Stale;
        if (_serials[head] != serial) throw new InvalidOperationException("the buffer was given back already");
        return RemoteStatus.Ok;
    }

    public void Hold(ushort head) => _holders[head]++;

    /// <summary>One holder less.</summary>
    /// <returns>True when it was the last.</returns>
    public bool Drop(ushort head) => --_holders[head] == 0;

    /// <summary>Gives a buffer back to the driver, who sees it after <see cref="Publish"/>.</summary>
    public void Return(ushort head, uint writtenBytes)
    {
        _serials[head] = 0;
        _holders[head] = 0;
        if (IsBroken) return;
        if (!TryRegion(out Span<byte> region))
        {
            _ = BreakUnmapped(); // nobody to tell: the next take does
            return;
        }

        _used!.Write();
        if (ReturnsWholeBuffers) writtenBytes = _segments[head].LengthBytes;
        new SplitQueueDevice<HostAccess>(region, _state!).Return(head, writtenBytes);
        _returned++;
    }

    /// <summary>Puts a buffer back unsent: it stays ours, and is the next to be taken.</summary>
    public void Reclaim(ushort head)
    {
        _serials[head] = 0;
        _holders[head] = Reclaimed;
        _reclaimed.Enqueue(head);
    }

    /// <summary>Shows the driver everything returned.</summary>
    /// <returns>True when it wants to hear of it.</returns>
    public bool Publish()
    {
        if (IsBroken || _returned == _published || !TryRegion(out Span<byte> region)) return false;
        SplitQueueDevice<HostAccess> queue = new(region, _state!);
        _used!.Write();
        _offered!.Read();
        queue.Publish();
        _published = _returned;
        return queue.ShouldInterrupt();
    }

    /// <summary>Asks the driver for a kick at its next offer.</summary>
    /// <returns>True when an offer slipped in.</returns>
    public bool ArmKick()
    {
        if (Polls || IsBroken || !TryRegion(out Span<byte> region)) return false;
        _kickArmed = true;
        _used!.Write();
        _offered!.Read();
        return new SplitQueueDevice<HostAccess>(region, _state!).ArmKick();
    }

    /// <summary>Tells the driver that its offers need no kick.</summary>
    public void DisarmKick()
    {
        if (!_kickArmed || IsBroken || !TryRegion(out Span<byte> region)) return;
        _kickArmed = false;
        _used!.Write();
        new SplitQueueDevice<HostAccess>(region, _state!).DisarmKick();
    }

    private void Own(ushort head, VringSegment segment)
    {
        _segments[head] = segment;
        _holders[head] = 1;
        _serials[head] = ++_lastSerial;
    }

    /// <summary>Somebody watches: what we are about to use, and whose it is.</summary>
    private void NoteRing()
    {
        _ringBlock = null;
        _bufferBlocks = null;
        if (scheduler.Watch is not { } watch) return;
        watch.RingTaken(VdevIndex, vringIndex, _vring.Address, _vring.NotifyId);
        if (!_vring.Address.IsAny) _ringBlock = BlockAt(_vring.Address.Value);
    }

    private void NoteUse(MemoryBlock block, bool isBuffer)
    {
        block.NoteUse();
        if (block.IsFreed) scheduler.Watch?.UsedAfterFree(block, VdevIndex, vringIndex, isBuffer);
    }

    private MemoryBlock? BlockAt(ulong address) =>
        memory.TryTranslate(new DeviceAddress(address), 1, out PhysicalAddress physical)
            ? memory.Physical.Find(physical, 1)?.FindBlock(physical)
            : null;

    private bool TryRegion(out Span<byte> region)
    {
        region = default;
        ulong lengthBytes = (ulong)_state!.Layout.SizeBytes;
        if (!memory.TryTranslate(_vring.Address, lengthBytes, out PhysicalAddress physical)) return false;
        if (physical.Value % VringDescriptor.SizeBytes != 0) return false; // banks begin at pages: the pointer is as aligned as the address
        if (memory.Physical.Find(physical, lengthBytes) is not { } bank) return false;
        if (_ringBlock is { } block) NoteUse(block, isBuffer: false);
        region = bank.Slice(physical, (int)lengthBytes);
        return true;
    }

    private RemoteStatus BreakUnmapped()
    {
        bool isMapped = memory.TrySlice(_vring.Address, (ulong)_state!.Layout.SizeBytes, out _);
        Break(isMapped ? RemoteFaultKind.RingMisaligned : RemoteFaultKind.RingUnmapped, _vring.Address.Value);
        return RemoteStatus.QueueBroken;
    }

    private void Break(RemoteFaultKind kind, ulong value, RingStatus ring = RingStatus.Ok)
    {
        if (Fault.Kind != RemoteFaultKind.None) return;
        Fault = new(vringIndex, kind, ring, value);
        bool isKnown = kind == RemoteFaultKind.RingUnset || _ringBlock is { IsFreed: true }; // told when the ring was taken, or used
        if (!isKnown)
            scheduler.Watch?.RingRefused(VdevIndex, vringIndex, Fault.ToString(), Fault.IsAboutMemory);
    }
}
