using System;
using System.Collections.Generic;
using System.Runtime.InteropServices;
using System.Threading.Tasks;
using RemoteprocEmu.Platform;
using RemoteprocEmu.Platform.Memory;
using RemoteprocEmu.Platform.Tasks;
using RemoteprocEmu.Virtio.Device;
using RemoteprocEmu.Virtio.Ring;

namespace RemoteprocEmu.Virtio.Net;

/// <summary>A network interface of the host, <c>eth0</c> and on, over a virtio device: frames in and out, no protocol above.</summary>
/// <remarks>
/// On the host processor only. It sends and receives between <see cref="Open"/> and <see cref="Close"/>, and goes with its device.
/// <code>
/// frame, legacy:                      [header 10] [frame]     two descriptors to send, one to receive
/// with ANY_LAYOUT, or VERSION_1:      [header and frame]      one descriptor
/// with MRG_RXBUF, or VERSION_1:       the header has 12 bytes
/// </code>
/// Source: drivers/net/virtio_net.c (v6.12), virtnet_open, start_xmit, virtnet_receive, receive_buf, virtnet_close.
/// </remarks>
public sealed class NetDevice : DriverModel.Devices.Device
{
    /// <summary>Addresses and type before the payload of a frame. Kernel: ETH_HLEN.</summary>
    public const int FrameHeaderBytes = 14;

    /// <summary>
    /// Descriptors that must be free or the queue stops, for a frame in as many pieces as there may be. Kernel: 2 + MAX_SKB_FRAGS.
    /// </summary>
    public const int FreeCountMin = 19;

    private const int VlanTagBytes = 4;
    private const int PollWeight = 64; // NAPI_POLL_WEIGHT
    private const int MergedBytesMax = 65536;
    private const int SlotAlignBytes = 64;

    private static readonly NameSeries s_names = new("eth", "");
    private static readonly NameSeries s_buffers = new("", " frames");
    private static readonly NameSeries s_polls = new("napi/", "");
    private static readonly NameSeries s_queues = new("", " tx");

    private readonly VirtioDevice _virtio;
    private readonly int _headerBytes;
    private readonly bool _isOnePiece;
    private readonly bool _isMergeable;
    private readonly int _slotBytes;
    private readonly Stack<int> _freeSlots = new(); // of the sending half
    private readonly byte[] _merged;
    private readonly WaitQueue _wake;
    private DmaBuffer? _buffers;
    private Virtqueue? _rvq;
    private Virtqueue? _svq;
    private int[] _sizes = []; // by slot of the sending half: bytes under way
    private bool _isFilled;
    private NetCounters _counters;

    internal NetDevice(VirtioDevice virtio, int index, MacAddress mac, int mtu)
        : base(virtio.Kernel, s_names[index], virtio, className: "net")
    {
        Index = index;
        _virtio = virtio;
        Mac = mac;
        Mtu = mtu;
        bool isModern = virtio.HasFeature(VirtioFeatures.Version1);
        _isMergeable = virtio.HasFeature(VirtioNetFeatures.MergeableBuffers);
        _headerBytes = HeaderBytes(virtio.Features);
        _isOnePiece = isModern || virtio.HasFeature(VirtioFeatures.AnyLayout);
        BufferBytes = _headerBytes + FrameBytesMax;
        _slotBytes = (BufferBytes + SlotAlignBytes - 1) / SlotAlignBytes * SlotAlignBytes;
        _merged = _isMergeable ? new byte[MergedBytesMax] : [];
        _wake = new WaitQueue(virtio.Kernel.Scheduler, s_queues[Name]);
    }

    /// <summary>The number in its name.</summary>
    public int Index { get; }

    /// <summary>Its address.</summary>
    public MacAddress Mac { get; }

    /// <summary>The largest payload of a frame, bytes.</summary>
    public int Mtu { get; }

    /// <summary>The largest frame, with a VLAN tag, bytes. Kernel: GOOD_PACKET_LEN, for an MTU of 1500.</summary>
    public int FrameBytesMax => FrameHeaderBytes + VlanTagBytes + Mtu;

    /// <summary>Whether it was opened. User space: ip link set up.</summary>
    public bool IsUp { get; private set; }

    /// <summary>Whether the device says that the link is up, or cannot say.</summary>
    public bool HasCarrier { get; private set; }

    /// <summary>Whether the ring has too few free descriptors, so that nothing is sent until the device has taken some.</summary>
    public bool IsStopped { get; private set; }

    /// <summary>Its virtio device.</summary>
    public VirtioDevice Virtio => _virtio;

    /// <summary>What it has counted.</summary>
    public NetCounters Counters => _counters;

    /// <summary>Called with each frame that comes; null drops them. Set before <see cref="Open"/>, or at any time.</summary>
    public NetFrameHandler? Received { get; set; }

    /// <summary>Bytes of a buffer that is lent to the device.</summary>
    internal int BufferBytes { get; }

    private bool IsGone => _buffers is null;

    /// <summary>The size of the header before each frame, bytes.</summary>
    /// <param name="features">What was agreed.</param>
    public static int HeaderBytes(ulong features) =>
        (features & (VirtioFeatures.Mask(VirtioFeatures.Version1) | VirtioFeatures.Mask(VirtioNetFeatures.MergeableBuffers))) != 0
            ? VirtioNetHeader.SizeBytesLong
            : VirtioNetHeader.SizeBytesShort;

    /// <summary>Lends the device all buffers, and takes frames from here on. Kernel: virtnet_open.</summary>
    /// <returns>Ok, also when it is up; ENODEV when its device is gone.</returns>
    public Errno Open()
    {
        if (IsGone) return Errno.ENODEV;
        if (IsUp) return Errno.Ok;
        IsUp = true;
        Virtqueue rvq = _rvq!;
        if (!_isFilled)
        {
            for (int slot = 0; slot < rvq.Size; slot++) _ = Post(slot); // an empty ring has room; a broken one says so itself
            _isFilled = true;
            _ = rvq.Kick();
        }

        if (!rvq.EnableCb()) _ = Kernel.Scheduler.Spawn(s_polls[Name], () => OnReceiveInterruptAsync(rvq)); // what came while it was down
        return Errno.Ok;
    }

    /// <summary>Takes no frames any more, and sends none. The device keeps its buffers. Kernel: virtnet_close.</summary>
    public void Close()
    {
        IsUp = false;
        if (!IsGone) _rvq!.DisableCb();
        _wake.WakeAll();
    }

    /// <summary>Sends a copy of a frame. Kernel: start_xmit, and what packet_sendmsg looks at before.</summary>
    /// <param name="frame">From the destination's address on, without check sum.</param>
    /// <returns>
    /// Ok, also when the frame is dropped because there is no link or the ring is broken; EINVAL below 14 bytes; EMSGSIZE above
    /// <see cref="FrameBytesMax"/>; ENETDOWN when it is not up; ENOBUFS while the ring is full; ENODEV when its device is gone.
    /// </returns>
    public Errno TrySend(ReadOnlySpan<byte> frame)
    {
        if (IsGone) return Errno.ENODEV;
        if (!IsUp) return Errno.ENETDOWN;
        if (frame.Length < FrameHeaderBytes) return Errno.EINVAL;
        if (frame.Length > FrameBytesMax) return Errno.EMSGSIZE;
        if (!HasCarrier)
        {
            _counters = _counters with { TxDropped = _counters.TxDropped + 1 };
            return Errno.Ok;
        }

        ReclaimSent();
        if (IsStopped) return Errno.ENOBUFS;
        Errno errno = Transmit(frame);
        if (errno != Errno.Ok)
        {
            _counters = _counters with { TxDropped = _counters.TxDropped + 1 };
            Kernel.Log.WarningRateLimited(_virtio, "start_xmit", $"{Name}: Unexpected TXQ (0) queue failure: {errno.Kernel()}");
            return Errno.Ok;
        }

        if (_svq!.FreeCount < FreeCountMin)
        {
            IsStopped = true;
            ReclaimSent(); // what slipped in
        }

        _ = _svq.Kick(); // a queue that cannot be kicked is broken, and says so at the next send
        return Errno.Ok;
    }

    /// <summary>Sends a copy of a frame; sleeps while the ring is full.</summary>
    /// <returns>As <see cref="TrySend"/>, without ENOBUFS.</returns>
    public async ValueTask<Errno> SendAsync(ReadOnlyMemory<byte> frame)
    {
        while (true)
        {
            Errno errno = TrySend(frame.Span);
            if (errno != Errno.ENOBUFS) return errno;
            _ = await _wake.WaitAsync(this, static device => device.MaySend()); // no timeout
        }
    }

    /// <summary>Its name.</summary>
    public override string ToString() => Name;

    /// <summary>Takes the queues that the driver has found.</summary>
    internal Errno Begin(Virtqueue rvq, Virtqueue svq)
    {
        Errno errno = _virtio.Config.Dma.TryAllocate(s_buffers[_virtio.Name], _slotBytes * (rvq.Size + svq.Size), out DmaBuffer? buffers);
        if (errno != Errno.Ok) return errno;
        _rvq = rvq;
        _svq = svq;
        for (int slot = svq.Size - 1; slot >= 0; slot--) _freeSlots.Push(rvq.Size + slot);
        _sizes = new int[svq.Size];
        _buffers = buffers;
        if (svq.Size < FreeCountMin)
        {
            Kernel.Log.Warning(_virtio,
                $"{Name}: a ring of {svq.Size} never has {FreeCountMin} free descriptors: it sends one frame and stops for ever");
        }

        return Errno.Ok;
    }

    /// <summary>The queues are deleted.</summary>
    internal void End()
    {
        IsUp = HasCarrier = false;
        if (_buffers is { } buffers) _virtio.Config.Dma.Free(buffers);
        _buffers = null;
        _wake.WakeAll();
    }

    /// <summary>Kernel: netif_carrier_on, netif_carrier_off.</summary>
    internal void SetCarrier(bool isUp)
    {
        HasCarrier = isUp;
        _wake.WakeAll();
    }

    /// <summary>Kernel: skb_recv_done, virtnet_poll.</summary>
    internal async ValueTask OnReceiveInterruptAsync(Virtqueue queue)
    {
        while (IsUp && !IsGone && Receive()) await Kernel.Scheduler.Point("virtnet_poll");
    }

    /// <summary>Kernel: skb_xmit_done, virtnet_poll_tx.</summary>
    internal ValueTask OnSendInterruptAsync(Virtqueue queue)
    {
        if (!IsGone) ReclaimSent();
        return ValueTask.CompletedTask;
    }

    private bool MaySend()
    {
        if (!IsGone && IsUp) ReclaimSent();
        return !IsStopped || IsGone || !IsUp;
    }

    private Errno Transmit(ReadOnlySpan<byte> frame)
    {
        if (!_freeSlots.TryPop(out int slot)) return Errno.ENOSPC;
        Span<byte> bytes = Slot(slot);
        bytes[.._headerBytes].Clear(); // no offload
        frame.CopyTo(bytes[_headerBytes..]);
        PhysicalAddress address = SlotAddress(slot);
        Errno errno;
        if (_isOnePiece)
        {
            errno = _svq!.AddOutbuf(address, (uint)(_headerBytes + frame.Length), slot);
        }
        else
        {
            ReadOnlySpan<VringSegment> pieces =
            [
                new VringSegment(address.Value, (uint)_headerBytes),
                new VringSegment(address.Value + (uint)_headerBytes, (uint)frame.Length),
            ];
            errno = _svq!.AddSgs(pieces, [], slot);
        }

        if (errno != Errno.Ok) _freeSlots.Push(slot);
        else _sizes[slot - _rvq!.Size] = frame.Length;
        return errno;
    }

    /// <summary>Kernel: free_old_xmit, and the wake-up of virtnet_poll_cleantx.</summary>
    private void ReclaimSent()
    {
        Virtqueue svq = _svq!;
        do
        {
            svq.DisableCb();
            while (svq.GetBuf(out int slot, out _)) // the used length of a buffer that was only read says nothing
            {
                _freeSlots.Push(slot);
                _counters = _counters with { TxPackets = _counters.TxPackets + 1, TxBytes = _counters.TxBytes + _sizes[slot - _rvq!.Size] };
            }
        }
        while (!svq.IsBroken && !svq.EnableCb());
        if (!IsStopped || svq.FreeCount < FreeCountMin) return;
        IsStopped = false;
        _wake.WakeAll();
    }

    /// <summary>Takes what has come, a bounded number.</summary>
    /// <returns>True when more waits.</returns>
    private bool Receive()
    {
        Virtqueue rvq = _rvq!;
        rvq.DisableCb();
        int count = 0;
        for (; IsUp && count < PollWeight && rvq.GetBuf(out int slot, out uint usedBytes); count++)
        {
            ReceiveBuffer(slot, usedBytes);
            _ = Post(slot);
        }

        if (count > 0) _ = rvq.Kick();
        return !rvq.IsBroken && (count == PollWeight || !rvq.EnableCb());
    }

    /// <summary>Kernel: receive_buf, receive_small.</summary>
    private void ReceiveBuffer(int slot, uint usedBytes)
    {
        if (usedBytes < _headerBytes + FrameHeaderBytes || usedBytes > BufferBytes)
        {
            CountLengthError(usedBytes < BufferBytes ? $"short packet {usedBytes}" : $"rx error: len {usedBytes} exceeds max size");
            return;
        }

        Span<byte> bytes = Slot(slot)[..(int)usedBytes];
        Span<byte> room = stackalloc byte[VirtioNetHeader.SizeBytesLong];
        room.Clear();
        bytes[.._headerBytes].CopyTo(room);
        VirtioNetHeader header = MemoryMarshal.Read<VirtioNetHeader>(room); // one copy, checked and used
        ReadOnlySpan<byte> frame = bytes[_headerBytes..];
        if (_isMergeable && header.BufferCount != 1 && !TryMerge(header.BufferCount, ref frame)) return;
        if (header.GsoType != 0 || (header.Flags & VirtioNetHeader.NeedsChecksum) != 0)
        {
            _counters = _counters with { RxFrameErrors = _counters.RxFrameErrors + 1 };
            Kernel.Log.WarningRateLimited(_virtio, "receive_buf", $"{Name}: bad gso: type: {header.GsoType}, flags: {header.Flags}");
            return;
        }

        _counters = _counters with { RxPackets = _counters.RxPackets + 1, RxBytes = _counters.RxBytes + frame.Length };
        Received?.Invoke(this, frame);
    }

    /// <summary>Puts a frame together that lies in several buffers. Kernel: receive_mergeable.</summary>
    /// <param name="count">num_buffers: the device's word.</param>
    /// <param name="frame">In what lies in the first, out the whole.</param>
    private bool TryMerge(int count, ref ReadOnlySpan<byte> frame)
    {
        frame.CopyTo(_merged);
        int length = frame.Length;
        bool fits = count > 0;
        for (int i = 1; i < count; i++)
        {
            if (!_rvq!.GetBuf(out int slot, out uint usedBytes))
            {
                CountLengthError($"rx error: {count - i} buffers out of {count} missing");
                return false;
            }

            fits &= usedBytes <= BufferBytes && usedBytes <= _merged.Length - length;
            if (fits) Slot(slot)[..(int)usedBytes].CopyTo(_merged.AsSpan(length));
            if (fits) length += (int)usedBytes;
            _ = Post(slot);
        }

        frame = _merged.AsSpan(0, length);
        if (!fits) CountLengthError($"rx error: {count} buffers make no frame");
        return fits;
    }

    private void CountLengthError(string what)
    {
        _counters = _counters with { RxLengthErrors = _counters.RxLengthErrors + 1 };
        Kernel.Log.WarningRateLimited(_virtio, "receive_buf", $"{Name}: {what}"); // pr_debug there
    }

    private Errno Post(int slot) => _rvq!.AddInbuf(SlotAddress(slot), (uint)BufferBytes, slot);

    private Span<byte> Slot(int slot) => _buffers!.Slice(slot * _slotBytes, _slotBytes);

    private PhysicalAddress SlotAddress(int slot) => new(_buffers!.Address.Value + ((ulong)slot * (ulong)_slotBytes));
}
