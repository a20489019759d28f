using System;
using System.Collections.Generic;
using System.Runtime.CompilerServices;
using RemoteprocEmu.Harness;
using RemoteprocEmu.Platform.Access;
using RemoteprocEmu.Virtio.Ring;

namespace RemoteprocEmu.Virtio.Tests.Ring;

/// <summary>A driver and a device that exchange a few messages over one queue under exploration, and judge what they get.</summary>
/// <remarks>
/// Both sides do what callers of the ring do: drain, arm, look again, sleep until notified. Violations: a message that is not the next
/// one, or not as it was sent; a buffer that comes back wrong; a side that sleeps for ever, which is a lost wake-up and how a lost message
/// would end; a buffer overwritten while it may still be read.
/// </remarks>
internal sealed class ExploredQueue : IDisposable
{
    private const uint AddressBase = 0x1000;
    private const uint BufferBytes = 0x100;
    private readonly Traffic _traffic;
    private readonly TestQueue _queue;
    private readonly GuardedRegion _payload;
    private readonly MemoryExplorer _explorer;
    private readonly VringBuffer[] _pending = new VringBuffer[8]; // offered together when the batch ends
    private int _pendingCount;

    public ExploredQueue(Traffic traffic, MemoryModel model, Barrier? dropped = null)
    {
        _traffic = traffic;
        RingFeatures features = (traffic.Asking == Asking.ByFlags ? RingFeatures.None : RingFeatures.EventIndex)
            | (traffic.InOrder ? RingFeatures.InOrder : RingFeatures.None);
        _queue = new TestQueue(traffic.QueueSize, features, coalescesUsed: traffic.InOrder);
        _payload = new GuardedRegion(4 * traffic.QueueSize);
        _explorer = new MemoryExplorer(model, dropped, "driver", "device");
        NameWords();
    }

    /// <summary>Names of the words of which a plain load in the last execution saw an old value.</summary>
    public IReadOnlySet<string> StaleWords => _explorer.StaleWords;

    private bool Sends => _traffic.Direction == Direction.Send;

    /// <summary>Tries all executions of the traffic, up to the first that breaks a rule.</summary>
    /// <param name="goesOn">Looks at a violation and says whether to search for another one; null: it is enough.</param>
    public Exploration Explore(Func<bool>? goesOn = null) => Sends
        ? _explorer.Explore(Clear, SendingDriver, ReadingDevice, goesOn)
        : _explorer.Explore(LendAll, ReceivingDriver, WritingDevice, goesOn);

    /// <summary>Runs one execution again.</summary>
    /// <param name="trail">Its <see cref="Exploration.Trail"/>.</param>
    /// <returns>What it breaks; null when nothing.</returns>
    public string? Replay(string trail)
    {
        ReplayChoices choices = new(trail);
        if (Sends)
        {
            Clear();
            _ = _explorer.Run(choices, SendingDriver, ReadingDevice);
        }
        else
        {
            LendAll();
            _ = _explorer.Run(choices, ReceivingDriver, WritingDevice);
        }

        return _explorer.Violation;
    }

    public void Dispose()
    {
        _payload.Dispose();
        _queue.Dispose();
    }

    private void SendingDriver()
    {
        SplitQueueDriver<ExploredAccess> driver = _queue.DriverWith<ExploredAccess>();
        int fresh = 0, reclaimed = 0;
        driver.DisarmInterrupt();
        for (int message = 0; message < _traffic.Messages; message++)
        {
            int buffer = fresh < _traffic.QueueSize ? fresh++ : AwaitFreeBuffer(driver, reclaimed++);
            ExploredAccess.Store(ref Payload(buffer), new Le32(Content(message)));
            Offer(driver, Segment(buffer, message), writable: false, buffer, endsBatch: _traffic.EndsBatch(message));
            if (!_traffic.EndsBatch(message)) continue;
            driver.Publish();
            if (driver.ShouldKick()) _explorer.Notify();
        }
    }

    private int AwaitFreeBuffer(SplitQueueDriver<ExploredAccess> driver, int message)
    {
        while (true)
        {
            RingStatus status = driver.TryReclaim(out int buffer, out uint writtenBytes);
            if (status == RingStatus.Ok)
            {
                Expect(buffer == message % _traffic.QueueSize, $"buffer {buffer} comes back for message {message}");
                Expect(writtenBytes == ClaimedBytes(message), $"message {message} comes back with {writtenBytes} bytes");
                return buffer;
            }
            Expect(status == RingStatus.Empty, $"the driver finds {status}");
            if (!driver.ArmInterrupt()) _explorer.Sleep();
            driver.DisarmInterrupt();
        }
    }

    private void ReadingDevice()
    {
        _queue.DeviceState.Reset(); // it may be started anew
        SplitQueueDevice<ExploredAccess> device = _queue.DeviceWith<ExploredAccess>();
        Span<VringSegment> scratch = stackalloc VringSegment[1];
        for (int message = 0; message < _traffic.Messages; message++)
        {
            ushort head = Take(device, scratch);
            int buffer = Buffer(scratch[0]);
            Expect(scratch[0] == Segment(buffer, message), $"message {message} lies at {scratch[0]}");
            uint content = ExploredAccess.Load(ref Payload(buffer)).Value;
            Expect(content == Content(message), $"message {message} says 0x{content:x}");
            Return(device, head, message);
        }
    }

    private void ReceivingDriver()
    {
        SplitQueueDriver<ExploredAccess> driver = _queue.DriverWith<ExploredAccess>();
        int message = 0;
        while (true)
        {
            if (!_traffic.StaysArmed) driver.DisarmInterrupt();
            RingStatus status;
            while ((status = driver.TryReclaim(out int buffer, out uint writtenBytes)) == RingStatus.Ok)
            {
                Expect(buffer == message % _traffic.QueueSize, $"message {message} comes in buffer {buffer}");
                Expect(writtenBytes == ClaimedBytes(message), $"message {message} has {writtenBytes} bytes");
                uint content = ExploredAccess.Load(ref Payload(buffer)).Value;
                Expect(content == Content(message), $"message {message} says 0x{content:x}");
                if (++message == _traffic.Messages) return;
                if (message + _traffic.QueueSize > _traffic.Messages) continue; // enough are lent
                Offer(driver, Segment(buffer, 0), writable: true, buffer, endsBatch: true);
                driver.Publish();
                if (driver.ShouldKick()) _explorer.Notify();
            }
            Expect(status == RingStatus.Empty, $"the driver finds {status}");
            if (_traffic.StaysArmed || !driver.ArmInterrupt()) _explorer.Sleep();
        }
    }

    private void WritingDevice()
    {
        _queue.DeviceState.Reset(); // it may be started anew
        SplitQueueDevice<ExploredAccess> device = _queue.DeviceWith<ExploredAccess>();
        Span<VringSegment> scratch = stackalloc VringSegment[1];
        for (int message = 0; message < _traffic.Messages; message++)
        {
            ushort head = Take(device, scratch);
            int buffer = Buffer(scratch[0]);
            Expect(scratch[0] == Segment(buffer, 0), $"buffer {buffer} lies at {scratch[0]}");
            ExploredAccess.Store(ref Payload(buffer), new Le32(Content(message)));
            Return(device, head, message);
        }
    }

    /// <summary>Offers a buffer; in order, all of a batch in one call.</summary>
    private void Offer(SplitQueueDriver<ExploredAccess> driver, VringSegment segment, bool writable, int buffer, bool endsBatch)
    {
        if (!_traffic.InOrder)
        {
            Expect(driver.TryOffer(segment, writable, buffer) == RingStatus.Ok, "a descriptor is free");
            return;
        }

        _pending[_pendingCount++] = new VringBuffer(segment.Address, segment.LengthBytes, buffer);
        if (!endsBatch) return;
        int count = _pendingCount;
        _pendingCount = 0;
        Expect(driver.Offer(_pending.AsSpan(0, count), writable) == count, "descriptors are free");
    }

    private ushort Take(SplitQueueDevice<ExploredAccess> device, Span<VringSegment> scratch)
    {
        RingStatus status = TryTake(device, scratch, out ushort head);
        while (status == RingStatus.Empty)
        {
            if (!device.ArmKick()) _explorer.Sleep();
            device.DisarmKick();
            status = TryTake(device, scratch, out head);
        }
        Expect(status == RingStatus.Ok, $"the device finds {status}");
        return head;
    }

    private RingStatus TryTake(SplitQueueDevice<ExploredAccess> device, Span<VringSegment> scratch, out ushort head)
    {
        RingStatus status;
        if (!_traffic.InOrder)
        {
            status = device.TryTake(scratch, out DescriptorChain chain);
            head = chain.Head;
            return status;
        }

        Anywhere map = default;
        VringTaken taken = default;
        status = device.TryTake(ref map, new Span<VringTaken>(ref taken), writable: !Sends, out _);
        scratch[0] = new VringSegment(taken.Address, taken.LengthBytes);
        head = taken.Head;
        return status;
    }

    private void Return(SplitQueueDevice<ExploredAccess> device, ushort head, int message)
    {
        device.Return(head, WrittenBytes(message));
        if (!_traffic.EndsBatch(message)) return;
        device.Publish();
        if (device.ShouldInterrupt()) _explorer.Notify();
    }

    private void Clear()
    {
        _pendingCount = 0;
        _queue.Region.Span.Clear();
        _payload.Span.Clear();
        _queue.DriverState.Reset();
        _queue.DeviceState.Reset();
        _queue.Device.DisarmKick(); // it is about to look
    }

    private void LendAll()
    {
        Clear();
        for (int buffer = 0; buffer < _traffic.QueueSize; buffer++)
            _ = _queue.Driver.TryOffer(Segment(buffer, 0), writable: true, buffer);
        _queue.Driver.Publish();
        _ = _queue.Driver.ShouldKick();
    }

    private void NameWords()
    {
        SplitQueueLayout layout = _queue.Layout;
        Name(layout.AvailOffset, "avail.flags");
        Name(layout.AvailOffset + 2, "avail.idx");
        Name(layout.UsedEventOffset, "used_event");
        Name(layout.UsedOffset, "used.flags");
        Name(layout.UsedOffset + 2, "used.idx");
        Name(layout.AvailEventOffset, "avail_event");
        for (int slot = 0; slot < layout.QueueSize; slot++)
        {
            Name(16 * slot, $"desc[{slot}].addr");
            Name((16 * slot) + 4, $"desc[{slot}].addr, upper half");
            Name((16 * slot) + 8, $"desc[{slot}].len");
            Name((16 * slot) + 12, $"desc[{slot}].flags and next");
            Name(layout.AvailOffset + 4 + (2 * slot), $"avail.ring[{slot}]");
            Name(layout.UsedOffset + 4 + (8 * slot), $"used.ring[{slot}].id");
            Name(layout.UsedOffset + 8 + (8 * slot), $"used.ring[{slot}].len");
            _explorer.Name(_payload.Span[(4 * slot)..], $"payload of buffer {slot}");
        }
    }

    private void Name(int offset, string name) => _explorer.Name(_queue.Region.Span[offset..], name);

    private ref Le32 Payload(int buffer) => ref Unsafe.As<byte, Le32>(ref _payload.Span[4 * buffer]);

    /// <summary>A buffer that says which it is, and how long a message lies in it.</summary>
    private static VringSegment Segment(int buffer, int message) =>
        new(AddressBase + (BufferBytes * (uint)buffer), 16 + (uint)message);

    /// <summary>The buffer of a segment; one that never was lent is told apart by its address.</summary>
    private int Buffer(VringSegment segment)
    {
        ulong buffer = (segment.Address - AddressBase) / BufferBytes;
        Expect(buffer < (ulong)_traffic.QueueSize, $"the device finds {segment}");
        return (int)buffer;
    }

    private static uint Content(int message) => 0xc0de0000 + (uint)message;

    private static uint WrittenBytes(int message) => 100 + (uint)message;

    /// <summary>What the driver hears of it: in order, of a message that is not the last of its batch, that it fills its buffer.</summary>
    private uint ClaimedBytes(int message)
    {
        if (!_traffic.InOrder || _traffic.EndsBatch(message)) return WrittenBytes(message);
        return Sends ? 0 : Segment(0, 0).LengthBytes;
    }

    private static void Expect(bool holds, string otherwise)
    {
        if (!holds) throw new ViolationException(otherwise);
    }

    /// <summary>Every address is somewhere: what lies there is not looked at.</summary>
    private readonly struct Anywhere : IBufferMap
    {
        public bool TryResolve(ulong address, uint lengthBytes, out nint start)
        {
            start = 0;
            return true;
        }
    }
}
