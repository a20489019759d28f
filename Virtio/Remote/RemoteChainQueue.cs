using System;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using RemoteprocEmu.Platform;
using RemoteprocEmu.Platform.Access;
using RemoteprocEmu.Platform.Memory;
using RemoteprocEmu.Platform.Tasks;
using RemoteprocEmu.Virtio.Device;
using RemoteprocEmu.Virtio.Ring;

namespace RemoteprocEmu.Virtio.Remote;

/// <summary>One ring of a device half that takes a chain, uses it, and gives it back before the next.</summary>
/// <remarks>
/// Every address is looked up on every use: the driver's side may unmap what it likes when it likes. The first fault stops the queue until
/// <see cref="Begin"/>; a stopped queue touches no memory. One task at a time; nothing is allocated after construction and Begin.
/// </remarks>
/// <param name="scheduler">Whose watch sees what is used.</param>
/// <param name="memory">Memory, as the device reaches it.</param>
/// <param name="vringIndex">The ring's number.</param>
/// <param name="segmentsMax">Segments that it takes in a chain; one with more stops the queue.</param>
public sealed class RemoteChainQueue(Scheduler scheduler, RemoteMemory memory, int vringIndex, int segmentsMax)
{
    private static readonly NameSeries s_availRings = new("avail ring at ", "");
    private static readonly NameSeries s_usedRings = new("used ring at ", "");

    private readonly VringSegment[] _segments = new VringSegment[segmentsMax];
    private RemoteVring _vring;
    private SharedState? _offered;   // what the driver writes; the host has one of the same name
    private SharedState? _used;      // what we write; the host has one of the same name
    private DeviceState? _state;     // null until Begin, and when there is no ring
    private MemoryBlock? _ringBlock; // whose memory the ring was when it was set up; null where nobody watches, or nobody's
    private ushort _head;
    private ushort _returned;
    private ushort _published;
    private bool _kickArmed;

    /// <summary>Why the queue is stopped.</summary>
    public RemoteQueueFault Fault { get; private set; } = new(vringIndex, RemoteFaultKind.None, RingStatus.Ok, 0);

    /// <summary>Place of the device among those of its processor, for reports.</summary>
    public int VdevIndex { get; set; }

    /// <summary>Whether the queue is stopped, or was never set up.</summary>
    public bool IsBroken => _state is null || Fault.Kind != RemoteFaultKind.None;

    /// <summary>What the doorbell carries for this ring.</summary>
    public int NotifyId => _vring.NotifyId;

    /// <summary>Descriptors; 0 while there is no ring.</summary>
    public int QueueSize => _state?.Layout.QueueSize ?? 0;

    /// <summary>Whether a chain is in hand.</summary>
    public bool HasChain { get; private set; }

    /// <summary>Segments of the chain in hand that may be read. They come first.</summary>
    public int ReadableCount { get; private set; }

    /// <summary>Segments of the chain in hand.</summary>
    public int SegmentCount { get; private set; }

    /// <summary>Sets the queue up as its entry says, with all positions at 0; a chain in hand is forgotten.</summary>
    /// <param name="vring">The entry. Not trusted.</param>
    /// <param name="features">What the driver took.</param>
    public void Begin(RemoteVring vring, ulong features)
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

        _state = new DeviceState(layout, VirtioFeatures.ForRing(features));
        _offered = SharedState.Of(scheduler, s_availRings[vring.Address]);
        _used = SharedState.Of(scheduler, s_usedRings[vring.Address]);
        _kickArmed = true; // zeroed memory asks for kicks
    }

    /// <summary>Forgets the ring: the driver has reset the device.</summary>
    public void End()
    {
        _state = null;
        HasChain = false;
        _returned = _published = 0;
    }

    /// <summary>Whether the used index, which only this half writes, is not what this half wrote: the driver made the ring anew.</summary>
    public bool WasMadeAnew()
    {
        if (_state is null || !TryRegion(out Span<byte> region)) return false;
        _used!.Read();
        ref Le16 usedIndex = ref MemoryMarshal.AsRef<Le16>(region[(_state.Layout.UsedOffset + 2)..]);
        return HostAccess.LoadAcquire(ref usedIndex) != _published;
    }

    /// <summary>Takes the next chain into the hand; the one that is there stays there.</summary>
    /// <param name="isWritable">Whether all of it has to be writable; otherwise all of it readable.</param>
    /// <returns>Ok, NoBuffer or QueueBroken.</returns>
    public RemoteIoStatus TryTake(bool isWritable)
    {
        if (IsBroken) return RemoteIoStatus.QueueBroken;
        if (HasChain) return RemoteIoStatus.Ok;
        if (!TryRegion(out Span<byte> region)) return BreakUnmapped();
        _offered!.Read();
        TableMap map = new(memory);
        RingStatus status = new SplitQueueDevice<HostAccess>(region, _state!).TryTake(ref map, _segments, out DescriptorChain chain);
        if (status == RingStatus.Empty) return RemoteIoStatus.NoBuffer;
        if (status != RingStatus.Ok)
        {
            Break(RemoteFaultKind.RingProtocol, _state!.FaultValue, status);
            return RemoteIoStatus.QueueBroken;
        }

        if (!(isWritable ? chain.Readable : chain.Writable).IsEmpty)
        {
            Break(RemoteFaultKind.BufferDirection, _segments[0].Address);
            return RemoteIoStatus.QueueBroken;
        }

        _head = chain.Head;
        ReadableCount = chain.Readable.Length;
        SegmentCount = ReadableCount + chain.Writable.Length;
        HasChain = true;
        return RemoteIoStatus.Ok;
    }

    /// <summary>Bytes of the chain in hand, the driver's word for it.</summary>
    public long LengthBytes
    {
        get
        {
            long lengthBytes = 0;
            for (int i = 0; i < SegmentCount; i++) lengthBytes += _segments[i].LengthBytes;
            return lengthBytes;
        }
    }

    /// <summary>The bytes of one segment of the chain in hand.</summary>
    /// <returns>False when there is no memory behind it; the queue is broken then.</returns>
    public bool TryBytes(int segment, out Span<byte> bytes)
    {
        VringSegment at = _segments[segment];
        if (scheduler.Watch is not null && BlockAt(at.Address) is { } block) NoteUse(block, isBuffer: true);
        if (memory.TrySlice(new DeviceAddress(at.Address), at.LengthBytes, out bytes)) return true;
        Break(RemoteFaultKind.BufferUnmapped, at.Address);
        return false;
    }

    /// <summary>Copies out of the chain in hand.</summary>
    /// <param name="offset">From its start, bytes.</param>
    /// <param name="destination">Filled whole: the caller has compared with <see cref="LengthBytes"/>.</param>
    /// <returns>False when there is no memory behind it; the queue is broken then.</returns>
    public bool TryRead(long offset, Span<byte> destination)
    {
        for (int i = 0; i < SegmentCount && !destination.IsEmpty; i++)
        {
            if (offset >= _segments[i].LengthBytes)
            {
                offset -= _segments[i].LengthBytes;
                continue;
            }

            if (!TryBytes(i, out Span<byte> bytes)) return false;
            bytes = bytes[(int)offset..];
            int count = Math.Min(bytes.Length, destination.Length);
            bytes[..count].CopyTo(destination);
            destination = destination[count..];
            offset = 0;
        }

        return destination.IsEmpty;
    }

    /// <summary>Copies into the chain in hand.</summary>
    /// <param name="offset">From its start, bytes.</param>
    /// <param name="source">Written whole: the caller has compared with <see cref="LengthBytes"/>.</param>
    /// <returns>False when there is no memory behind it; the queue is broken then.</returns>
    public bool TryWrite(long offset, ReadOnlySpan<byte> source)
    {
        for (int i = 0; i < SegmentCount && !source.IsEmpty; i++)
        {
            if (offset >= _segments[i].LengthBytes)
            {
                offset -= _segments[i].LengthBytes;
                continue;
            }

            if (!TryBytes(i, out Span<byte> bytes)) return false;
            bytes = bytes[(int)offset..];
            int count = Math.Min(bytes.Length, source.Length);
            source[..count].CopyTo(bytes);
            source = source[count..];
            offset = 0;
        }

        return source.IsEmpty;
    }

    /// <summary>Gives the chain in hand back to the driver, who sees it after <see cref="Publish"/>.</summary>
    /// <param name="writtenBytes">Bytes written from its start.</param>
    public void Return(uint writtenBytes)
    {
        Invariant.Check(HasChain, "a chain is taken before it is returned");
        HasChain = false;
        if (IsBroken) return;
        if (!TryRegion(out Span<byte> region))
        {
            _ = BreakUnmapped(); // nobody to tell: the next take does
            return;
        }

        _used!.Write();
        new SplitQueueDevice<HostAccess>(region, _state!).Return(_head, writtenBytes);
        _returned++;
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
        if (IsBroken || !TryRegion(out Span<byte> region)) return false;
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

    /// <summary>Somebody watches: what we are about to use, and whose it is.</summary>
    private void NoteRing()
    {
        _ringBlock = null;
        if (scheduler.Watch is not { } watch) return;
        watch.RingTaken(VdevIndex, vringIndex, _vring.Address, _vring.NotifyId);
        if (!_vring.Address.IsAny) _ringBlock = BlockAt(_vring.Address.Value);
    }

    private void NoteUse(MemoryBlock block, bool isBuffer)
    {
        block.NoteUse();
        if (block.IsFreed && scheduler.Watch is { } watch) watch.UsedAfterFree(block, VdevIndex, vringIndex, isBuffer);
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

    private RemoteIoStatus BreakUnmapped()
    {
        bool isMapped = memory.TrySlice(_vring.Address, (ulong)_state!.Layout.SizeBytes, out _);
        Break(isMapped ? RemoteFaultKind.RingMisaligned : RemoteFaultKind.RingUnmapped, _vring.Address.Value);
        return RemoteIoStatus.QueueBroken;
    }

    private void Break(RemoteFaultKind kind, ulong value, RingStatus ring = RingStatus.Ok)
    {
        if (Fault.Kind != RemoteFaultKind.None) return;
        Fault = new(vringIndex, kind, ring, value);
        bool isKnown = kind == RemoteFaultKind.RingUnset || _ringBlock is { IsFreed: true }; // told when the ring was taken, or used
        if (!isKnown && scheduler.Watch is { } watch) watch.RingRefused(VdevIndex, vringIndex, Fault.ToString(), Fault.IsAboutMemory);
    }

    /// <summary>Finds indirect tables.</summary>
    private readonly struct TableMap(RemoteMemory memory) : IBufferMap
    {
        public unsafe bool TryResolve(ulong address, uint lengthBytes, out nint start)
        {
            start = 0;
            if (!memory.TrySlice(new DeviceAddress(address), lengthBytes, out Span<byte> bytes)) return false;

            // SAFETY: what is behind a bank is mapped, and never moves. The table is read before anything can unmap it.
            start = (nint)Unsafe.AsPointer(ref MemoryMarshal.GetReference(bytes));
            return true;
        }
    }
}
