using System;
using System.Buffers;
using System.Threading.Tasks;
using RemoteprocEmu.Platform;
using RemoteprocEmu.Platform.Access;
using RemoteprocEmu.Platform.Memory;
using RemoteprocEmu.Platform.Tasks;
using RemoteprocEmu.Virtio.Ring;

namespace RemoteprocEmu.Virtio.Device;

/// <summary>A driver's queue: lends buffers to the device and gets them back. The kernel's virtqueue API over a split ring.</summary>
/// <remarks>
/// One caller at a time, as in the kernel: two threads that add need a lock of their own. <see cref="InterruptAsync"/> may come beside it.
/// When the device breaks the protocol, this queue is broken: it says why once in the kernel log, adds fail with EIO, nothing comes back,
/// and other queues go on. Nothing is allocated after construction.
/// Source: drivers/virtio/virtio_ring.c.
/// </remarks>
public sealed class Virtqueue
{
    private const int ForcedKickCount = 65535; // a 16-bit count of adds would lie after one more

    private static readonly NameSeries s_availRings = new("avail ring at ", "");
    private static readonly NameSeries s_usedRings = new("used ring at ", "");

    private readonly DriverState _state;
    private readonly Func<Virtqueue, ValueTask>? _callback;
    private readonly Func<Virtqueue, bool> _notify;
    private readonly int _lengthBytes;
    private readonly SharedState? _offered; // what the driver writes and the device reads
    private readonly SharedState? _used;    // what the device writes and the driver reads
    private readonly unsafe byte* _ring;
    private MemoryHandle _pin;
    private bool _isDeleted;

    /// <summary>Makes a queue over ring memory that is zero, and adds it to its device. Kernel: vring_new_virtqueue.</summary>
    /// <param name="device">Whose queue; its features are final.</param>
    /// <param name="index">Its number at the device.</param>
    /// <param name="request">The driver's name for it, not null, and its callback. Without callback, interrupts start disarmed.</param>
    /// <param name="layout">Size and places, which the transport has judged.</param>
    /// <param name="ring">The ring, at least as long as the layout; it lives until <see cref="Delete"/>.</param>
    /// <param name="notify">Kicks the device about this queue; false when that is no longer possible, which breaks the queue.</param>
    /// <param name="place">
    /// Names the ring's memory in a search of schedules, as the device half does; null where nobody else is to be seen touching it.
    /// </param>
    public unsafe Virtqueue(VirtioDevice device, int index, VirtqueueRequest request, in SplitQueueLayout layout, Memory<byte> ring,
        Func<Virtqueue, bool> notify, string? place = null)
    {
        ArgumentNullException.ThrowIfNull(device);
        ArgumentNullException.ThrowIfNull(request.Name);
        ArgumentNullException.ThrowIfNull(notify);
        ArgumentOutOfRangeException.ThrowIfLessThan(ring.Length, layout.SizeBytes);
        Device = device;
        Index = index;
        Name = request.Name;
        _callback = request.Callback;
        _notify = notify;
        _lengthBytes = layout.SizeBytes;
        if (place is not null)
        {
            _offered = SharedState.Of(device.Kernel.Scheduler, s_availRings[place]);
            _used = SharedState.Of(device.Kernel.Scheduler, s_usedRings[place]);
            _offered.Write(); // the ring was made anew
            _used.Write();
        }

        // SAFETY: the bytes stay where they are until the pin goes, in Delete; after it, Ring is not reached.
        _pin = ring.Pin();
        _ring = (byte*)_pin.Pointer;
        _state = new DriverState(layout, VirtioFeatures.ForRing(device.Features));
        device.AddQueue(this);
        if (_callback is null) DisableCb();
    }

    /// <summary>Whose queue it is.</summary>
    public VirtioDevice Device { get; }

    /// <summary>Its number at the device, from 0.</summary>
    public int Index { get; }

    /// <summary>The driver's name for it.</summary>
    public string Name { get; }

    /// <summary>Descriptors. Kernel: virtqueue_get_vring_size.</summary>
    public int Size => _state.Layout.QueueSize;

    /// <summary>Descriptors that are free. Kernel: num_free.</summary>
    public int FreeCount => _state.FreeCount;

    /// <summary>Buffers that the device claims to have given back and that were not got yet. Not judged.</summary>
    public int UsedCount => Ring.UsedCount();

    /// <summary>Why the queue is broken, in the log's words; null while it is not. Kernel: virtqueue_is_broken.</summary>
    public string? BrokenReason { get; private set; }

    /// <summary>Whether the queue is broken.</summary>
    public bool IsBroken => BrokenReason is not null;

    // SAFETY: _ring has _lengthBytes bytes while the pin lives. A deleted queue is our own contradiction, not a peer's fault.
    private unsafe SplitQueueDriver<HostAccess> Ring
    {
        get
        {
            Invariant.Check(!_isDeleted, "a deleted virtqueue is not used");
            return new SplitQueueDriver<HostAccess>(new Span<byte>(_ring, _lengthBytes), _state);
        }
    }

    /// <summary>Lends the device a buffer to read. Kernel: virtqueue_add_outbuf, with one entry.</summary>
    /// <param name="address">Its first byte, as the device sees it.</param>
    /// <param name="lengthBytes">Its length, bytes.</param>
    /// <param name="token">Comes back with it from <see cref="GetBuf"/>.</param>
    /// <returns>Ok; ENOSPC when no descriptor is free, and the device was kicked for it; EIO when the queue is broken.</returns>
    public Errno AddOutbuf(PhysicalAddress address, uint lengthBytes, int token)
    {
        if (IsBroken) return Errno.EIO;
        _offered?.Write();
        SplitQueueDriver<HostAccess> ring = Ring;
        return Added(ring.TryOffer(new VringSegment(address.Value, lengthBytes), writable: false, token), ring, hasReadable: true);
    }

    /// <summary>Lends the device a buffer to fill. Kernel: virtqueue_add_inbuf, with one entry.</summary>
    /// <param name="address">Its first byte, as the device sees it.</param>
    /// <param name="lengthBytes">Its length, bytes.</param>
    /// <param name="token">Comes back with it from <see cref="GetBuf"/>.</param>
    /// <returns>Ok; ENOSPC when no descriptor is free; EIO when the queue is broken.</returns>
    public Errno AddInbuf(PhysicalAddress address, uint lengthBytes, int token)
    {
        if (IsBroken) return Errno.EIO;
        _offered?.Write();
        SplitQueueDriver<HostAccess> ring = Ring;
        return Added(ring.TryOffer(new VringSegment(address.Value, lengthBytes), writable: true, token), ring, hasReadable: false);
    }

    /// <summary>Lends the device a chain of buffers. Kernel: virtqueue_add_sgs.</summary>
    /// <param name="readable">Buffers to read, in order.</param>
    /// <param name="writable">Buffers to fill, in order. Not both may be empty.</param>
    /// <param name="token">Comes back with the chain from <see cref="GetBuf"/>.</param>
    /// <returns>
    /// Ok; ENOSPC when too few descriptors are free, and the device was kicked for it if there was something to read; EIO when the queue
    /// is broken.
    /// </returns>
    public Errno AddSgs(ReadOnlySpan<VringSegment> readable, ReadOnlySpan<VringSegment> writable, int token)
    {
        if (IsBroken) return Errno.EIO;
        _offered?.Write();
        SplitQueueDriver<HostAccess> ring = Ring;
        return Added(ring.TryOffer(readable, writable, token), ring, hasReadable: !readable.IsEmpty);
    }

    /// <summary>Lends the device single buffers, and shows them to it together.</summary>
    /// <param name="buffers">The buffers, in order, each with what comes back with it.</param>
    /// <param name="writable">True for buffers that the device fills, false for ones that it reads.</param>
    /// <returns>How many were lent, the first so many: fewer than given when descriptors run out, none when the queue is broken.</returns>
    /// <remarks>The kernel adds one at a time, which shows each to the device for itself.</remarks>
    public int AddBufs(ReadOnlySpan<VringBuffer> buffers, bool writable)
    {
        if (IsBroken || buffers.IsEmpty) return 0;
        _offered?.Write();
        SplitQueueDriver<HostAccess> ring = Ring;
        int count = ring.Offer(buffers, writable);
        ring.Publish();
        if (_state.PublishedSinceKick >= ForcedKickCount) _ = Kick();
        return count;
    }

    /// <summary>Gets the oldest buffers that the device has given back, as many as there are and fit.</summary>
    /// <param name="buffers">Where they go; what the device claims to have written is to be checked against each.</param>
    /// <returns>How many; none also when the queue is broken, and this call may be the one that breaks it.</returns>
    public int GetBufs(Span<VringReclaimed> buffers)
    {
        if (IsBroken) return 0;
        _used?.Read();
        RingStatus status = Ring.TryReclaim(buffers, out int count);
        if (status is not (RingStatus.Ok or RingStatus.Empty)) Break(status);
        return count;
    }

    /// <summary>Gets the oldest buffer that the device has given back. Kernel: virtqueue_get_buf.</summary>
    /// <param name="token">What was given with it; 0 when there is none.</param>
    /// <param name="usedLengthBytes">What the device claims to have written: check it against the buffer. 0 when there is none.</param>
    /// <returns>False when there is none, or the queue is broken; this call may be the one that breaks it.</returns>
    public bool GetBuf(out int token, out uint usedLengthBytes)
    {
        token = 0;
        usedLengthBytes = 0;
        if (IsBroken) return false;
        _used?.Read();
        RingStatus status = Ring.TryReclaim(out token, out usedLengthBytes);
        if (status == RingStatus.Ok) return true;
        if (status != RingStatus.Empty) Break(status);
        return false;
    }

    /// <summary>Whether the device wants to hear of what was added since the last call. Kernel: virtqueue_kick_prepare.</summary>
    public bool KickPrepare()
    {
        _used?.Read();
        return Ring.ShouldKick();
    }

    /// <summary>Kicks the device. Kernel: virtqueue_notify.</summary>
    /// <returns>False when the queue is broken, or has just become so because the transport could not kick.</returns>
    public bool Notify()
    {
        if (IsBroken) return false;
        if (_notify(this)) return true;
        BrokenReason = "the transport cannot kick";
        return false;
    }

    /// <summary>Kicks the device if it wants to be. Kernel: virtqueue_kick.</summary>
    /// <returns>False as <see cref="Notify"/>; true also when no kick was wanted.</returns>
    public bool Kick() => !KickPrepare() || Notify();

    /// <summary>Asks for interrupts. Kernel: virtqueue_enable_cb.</summary>
    /// <returns>False when something has come back already: get it, for no interrupt may come.</returns>
    public bool EnableCb()
    {
        _offered?.Write();
        _used?.Read();
        bool slippedIn = Ring.ArmInterrupt();
        return IsBroken || !slippedIn;
    }

    /// <summary>Asks for no interrupts; a hint, one may still come. Kernel: virtqueue_disable_cb.</summary>
    public void DisableCb()
    {
        _offered?.Write();
        Ring.DisarmInterrupt();
    }

    /// <summary>The device has interrupted. Kernel: vring_interrupt.</summary>
    /// <returns>None when nothing has come back, or the queue is deleted; otherwise Handled, after the callback has run.</returns>
    public async ValueTask<IrqReturn> InterruptAsync()
    {
        _used?.Read();
        if (_isDeleted || !Ring.HasUsed()) return IrqReturn.None;
        if (!IsBroken && _callback is not null)
        {
            if (Device.Kernel.Scheduler.Watch is { } watch && !Device.HasLiveDriver)
                watch.CalledAfterExit($"the callback of {this}", Device.Driver?.Name ?? "none");
            await _callback(this);
        }

        return IrqReturn.Handled;
    }

    /// <summary>Ends the queue; the ring's memory is the transport's again. Kernel: vring_del_virtqueue.</summary>
    public void Delete()
    {
        _offered?.Write();
        Invariant.Check(!_isDeleted, "a virtqueue is deleted once");
        _isDeleted = true;
        Device.RemoveQueue(this);
        _pin.Dispose();
    }

    /// <inheritdoc/>
    public override string ToString() => $"{Device.Name} {Name}";

    private Errno Added(RingStatus status, in SplitQueueDriver<HostAccess> ring, bool hasReadable)
    {
        if (status == RingStatus.Full)
        {
            if (hasReadable) _ = Notify(); // the kernel's habit; the caller learns of the full queue, and of a broken one next time
            return Errno.ENOSPC;
        }

        ring.Publish();
        if (_state.PublishedSinceKick >= ForcedKickCount) _ = Kick(); // virtqueue_add_split does not look either
        return Errno.Ok;
    }

    private void Break(RingStatus fault)
    {
        uint value = _state.FaultValue;
        BrokenReason = fault switch
        {
            RingStatus.IdOutOfRange => $"id {value} out of range",
            RingStatus.IdNotAHead => $"id {value} is not a head!",
            RingStatus.IndexTooFarAhead => $"used index {value} is more than {Size} ahead",
            RingStatus.IdOutOfOrder => $"id {value} is beyond what is used",
            _ => throw new InvariantException($"invariant broken: a driver's ring does not answer {fault}"),
        };
        Device.Kernel.Scheduler.Watch?.QueueBroken(ToString(), BrokenReason);
        Device.Kernel.Log.Error(Device, $"{Name}:{BrokenReason}"); // BAD_RING puts no space there
    }
}
