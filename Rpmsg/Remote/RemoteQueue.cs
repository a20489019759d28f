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
/// Every address is judged on every use, and every use of a batch asks first whether what was looked up still holds: the host may unmap
/// what it likes when it likes. The first fault stops the queue until <see cref="Begin"/>; a stopped queue touches no memory.
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
    private bool _kickArmed;
    private RemoteBufferMap _map = new(memory);
    private MemoryWindow _ringWindow;
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

        _ringWindow = default;
        _map.Forget();
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
    }

    /// <summary>Whether the used index, which only this half writes, is not what this half wrote: the driver has made the ring
    /// anew.</summary>
    public bool WasMadeAnew()
    {
        if (_state is null || !TryRegion(out Span<byte> region)) return false;
        _used!.Read();
        ref Le16 usedIndex = ref MemoryMarshal.AsRef<Le16>(region[(_state.Layout.UsedOffset + 2)..]);
        return HostAccess.LoadAcquire(ref usedIndex) != _state.PublishedIndex;
    }

    /// <summary>Buffers that the driver claims to lend and that were not taken yet; 0 for a queue that does not work.</summary>
    public int OfferedCount =>
        IsBroken || !TryRegion(out Span<byte> region) ? 0 : new SplitQueueDevice<HostAccess>(region, _state!).OfferedCount();

    /// <summary>Takes the next buffer; it has one holder then.</summary>
    /// <returns>Ok, NoBuffer or QueueBroken.</returns>
    public RemoteStatus TryTake(out ushort head)
    {
        VringTaken buffer = default;
        RemoteStatus status = TryTake(new Span<VringTaken>(ref buffer), out _);
        head = buffer.Head;
        if (status == RemoteStatus.Ok) Own(buffer, holders: 1);
        return status;
    }

    /// <summary>Takes the next buffers, as many as there are and fit: to be returned or put back before anybody else has a turn, or
    /// owned.</summary>
    /// <returns>Ok when there was one; otherwise NoBuffer or QueueBroken.</returns>
    public RemoteStatus TryTake(Span<VringTaken> buffers, out int count)
    {
        count = 0;
        if (IsBroken) return RemoteStatus.QueueBroken;
        if (_reclaimed.Count > 0) return TakeReclaimed(buffers, out count);
        if (!TryRegion(out Span<byte> region)) return BreakUnmapped();
        _offered!.Read();
        _map.Begin(keepsWindow: scheduler.Watch is null); // who watches sees each lookup
        SplitQueueDevice<HostAccess> queue = new(region, _state!);
        RingStatus status = queue.TryTake(ref _map, buffers, buffersAreWritable, out count);
        if (status != RingStatus.Ok) return status == RingStatus.Empty ? RemoteStatus.NoBuffer : Break(status);
        if (_bufferBlocks is not null)
        {
            foreach (VringTaken buffer in buffers[..count]) _bufferBlocks[buffer.Head] = BlockAt(buffer.Address);
        }

        return RemoteStatus.Ok;
    }

    /// <summary>A buffer of a batch stays with us beyond the batch.</summary>
    public void Own(in VringTaken buffer, int holders)
    {
        ushort head = buffer.Head;
        _segments[head] = new VringSegment(buffer.Address, buffer.LengthBytes);
        _holders[head] = holders;
        _serials[head] = ++_lastSerial;
    }

    /// <summary>Whether a taken buffer has an owner of its own.</summary>
    public bool IsOwned(ushort head) => _serials[head] != 0;

    /// <summary>The last holder of a buffer of a batch has gone: it is the batch's alone again.</summary>
    public void Disown(ushort head) => _serials[head] = 0;

    /// <summary>Somebody watches: a buffer of a batch is used now.</summary>
    public void NoteUse(ushort head)
    {
        if (_bufferBlocks is not null && _bufferBlocks[head] is { } block) NoteUse(block, isBuffer: true);
    }

    /// <summary>The bytes of a buffer that is ours, header included.</summary>
    /// <returns>False when there is no memory behind it; the queue is broken then.</returns>
    public bool TryBytes(ushort head, out Span<byte> bytes)
    {
        VringSegment segment = _segments[head];
        NoteUse(head);
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

    public int HolderCount(ushort head) => _holders[head];

    /// <summary>One holder less.</summary>
    /// <returns>True when it was the last.</returns>
    public bool Drop(ushort head) => --_holders[head] == 0;

    /// <summary>Gives an owned buffer back to the driver, who sees it after <see cref="Publish"/>.</summary>
    public void Return(ushort head, uint writtenBytes)
    {
        _serials[head] = 0;
        _holders[head] = 0;
        if (ReturnsWholeBuffers) writtenBytes = _segments[head].LengthBytes;
        VringReturned buffer = new(head, writtenBytes);
        Return(new ReadOnlySpan<VringReturned>(in buffer));
    }

    /// <summary>Gives buffers back to the driver, who sees them after <see cref="Publish"/>.</summary>
    public void Return(ReadOnlySpan<VringReturned> buffers)
    {
        if (IsBroken || buffers.IsEmpty) return;
        if (!TryRegion(out Span<byte> region))
        {
            _ = BreakUnmapped(); // nobody to tell: the next take does
            return;
        }

        _used!.Write();
        new SplitQueueDevice<HostAccess>(region, _state!).Return(buffers);
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
        if (!Show(out Span<byte> region)) return false;
        _offered!.Read();
        return new SplitQueueDevice<HostAccess>(region, _state!).ShouldInterrupt();
    }

    /// <summary>Shows the driver everything returned, and does not ask whether it wants to hear of it: it polls.</summary>
    public void PublishInSilence() => Show(out _);

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

    private bool Show(out Span<byte> region)
    {
        region = default;
        if (IsBroken || !_state!.HasUnpublished || !TryRegion(out region)) return false;
        _used!.Write();
        new SplitQueueDevice<HostAccess>(region, _state).Publish();
        return true;
    }

    private RemoteStatus TakeReclaimed(Span<VringTaken> buffers, out int count)
    {
        count = 0;
        while (count < buffers.Length && _reclaimed.TryDequeue(out ushort head))
        {
            if (!TryBytes(head, out Span<byte> bytes)) return RemoteStatus.QueueBroken;
            VringSegment segment = _segments[head];
            buffers[count++] = new VringTaken(segment.Address, HostBytes.StartOf(bytes), segment.LengthBytes, head);
        }

        return RemoteStatus.Ok;
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
        uint lengthBytes = (uint)_state!.Layout.SizeBytes;
        if (_ringWindow.IsCurrent && _ringWindow.TryFind(_vring.Address.Value, lengthBytes, out nint start))
        {
            region = HostBytes.At(start, (int)lengthBytes);
            return true;
        }

        return TryFindRegion(lengthBytes, out region);
    }

    private bool TryFindRegion(uint lengthBytes, out Span<byte> region)
    {
        region = default;
        if (!memory.TryTranslate(_vring.Address, lengthBytes, out PhysicalAddress physical)) return false;
        if (physical.Value % VringDescriptor.SizeBytes != 0) return false; // banks begin at pages: the pointer is as aligned as the address
        if (memory.Physical.Find(physical, lengthBytes) is not { } bank) return false;
        if (_ringBlock is { } block) NoteUse(block, isBuffer: false);
        if (scheduler.Watch is null) _ = memory.TryOpenWindow(_vring.Address, out _ringWindow);
        region = bank.Slice(physical, (int)lengthBytes);
        return true;
    }

    private RemoteStatus BreakUnmapped()
    {
        bool isMapped = memory.TrySlice(_vring.Address, (ulong)_state!.Layout.SizeBytes, out _);
        Break(isMapped ? RemoteFaultKind.RingMisaligned : RemoteFaultKind.RingUnmapped, _vring.Address.Value);
        return RemoteStatus.QueueBroken;
    }

    private RemoteStatus Break(RingStatus status)
    {
        bool isTooSmall = status == RingStatus.BufferUnmapped && _map.RefusedBytes < RpmsgHeader.SizeBytes;
        if (isTooSmall) Break(RemoteFaultKind.BufferTooSmall, _map.RefusedBytes);
        else if (status == RingStatus.BufferUnmapped) Break(RemoteFaultKind.BufferUnmapped, _state!.FaultAddress);
        else if (status == RingStatus.WrongDirection) Break(RemoteFaultKind.BufferDirection, _state!.FaultAddress);
        else if (status == RingStatus.HeadTwice) Break(RemoteFaultKind.BufferTwice, _state!.FaultValue);
        else Break(RemoteFaultKind.RingProtocol, _state!.FaultValue, status);
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
