using System;
using System.Collections.Generic;
using System.Runtime.CompilerServices;
using RemoteprocEmu.Harness;
using RemoteprocEmu.Platform.Access;
using RemoteprocEmu.Virtio.Ring;

namespace RemoteprocEmu.Virtio.Tests.Ring;

/// <summary>A driver and a device that exchange a few messages over one packed queue under exploration, and judge what they get.</summary>
/// <remarks>
/// They do and judge what those of <see cref="ExploredQueue"/> do. A message may be a chain; each of its buffers has a payload word.
/// Slots are words that both write; one that is stored while the other side may still read it, or store it, is a violation too.
/// </remarks>
internal sealed class ExploredPackedQueue : IDisposable
{
    private const uint AddressBase = 0x1000;
    private const uint BufferBytes = 0x100;
    private readonly PackedTraffic _traffic;
    private readonly PackedTestQueue _queue;
    private readonly GuardedRegion _payload;
    private readonly MemoryExplorer _explorer;
    private readonly VringSegment[] _driverScratch;

    public ExploredPackedQueue(PackedTraffic traffic, MemoryModel model, Barrier? dropped = null)
    {
        _traffic = traffic;
        RingFeatures features = (traffic.Asking == Asking.ByFlags ? RingFeatures.None : RingFeatures.EventIndex)
            | (traffic.InOrder ? RingFeatures.InOrder : RingFeatures.None);
        _queue = new PackedTestQueue(traffic.QueueSize, features, coalescesUsed: true);
        _payload = new GuardedRegion(4 * traffic.QueueSize);
        _driverScratch = new VringSegment[traffic.Slots];
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

    public void Dispose()
    {
        _payload.Dispose();
        _queue.Dispose();
    }

    private void SendingDriver()
    {
        PackedQueueDriver<ExploredAccess> driver = _queue.DriverWith<ExploredAccess>();
        int fresh = 0, reclaimed = 0;
        driver.DisarmInterrupt();
        for (int message = 0; message < _traffic.Messages; message++)
        {
            int buffer = fresh < _traffic.Lent ? fresh++ : AwaitFreeBuffer(driver, reclaimed++);
            WritePayload(buffer, message);
            Expect(driver.TryOffer(Chain(buffer, message), [], buffer) == RingStatus.Ok, "slots are free");
            if (!_traffic.EndsBatch(message)) continue;
            driver.Publish();
            if (driver.ShouldKick()) _explorer.Notify();
        }
    }

    private int AwaitFreeBuffer(PackedQueueDriver<ExploredAccess> driver, int message)
    {
        while (true)
        {
            RingStatus status = driver.TryReclaim(out int buffer, out uint writtenBytes);
            if (status == RingStatus.Ok)
            {
                Expect(writtenBytes == 0, $"message {message} comes back with {writtenBytes} bytes");
                Expect(buffer == message % _traffic.Lent, $"buffer {buffer} comes back for message {message}");
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
        PackedQueueDevice<ExploredAccess> device = _queue.DeviceWith<ExploredAccess>();
        Span<VringSegment> scratch = stackalloc VringSegment[_traffic.Slots];
        Span<ushort> heads = stackalloc ushort[_traffic.Batch];
        for (int message = 0; message < _traffic.Messages; message++)
        {
            ushort head = Take(device, scratch, message);
            ReadPayload(Buffer(scratch[0]), message);
            heads[message % _traffic.Batch] = head;
            if (_traffic.EndsBatch(message)) Return(device, heads, message);
        }
    }

    private void ReceivingDriver()
    {
        PackedQueueDriver<ExploredAccess> driver = _queue.DriverWith<ExploredAccess>();
        int place = 0;
        while (true)
        {
            if (!_traffic.StaysArmed) driver.DisarmInterrupt();
            RingStatus status;
            while ((status = driver.TryReclaim(out int buffer, out uint writtenBytes)) == RingStatus.Ok)
            {
                int message = _traffic.ReturnedAt(place);
                Expect(buffer == message % _traffic.Lent, $"message {message} comes in buffer {buffer}");
                bool isSkipped = _traffic.InOrder && !_traffic.EndsBatch(message) && writtenBytes == WholeBytes();
                Expect(writtenBytes == WrittenBytes(message) || isSkipped, $"message {message} has {writtenBytes} bytes");
                ReadPayload(buffer, message);
                if (++place == _traffic.Messages) return;
                if (place + _traffic.Lent > _traffic.Messages) continue; // enough are lent
                Expect(driver.TryOffer([], Chain(buffer, 0), buffer) == RingStatus.Ok, "slots are free");
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
        PackedQueueDevice<ExploredAccess> device = _queue.DeviceWith<ExploredAccess>();
        Span<VringSegment> scratch = stackalloc VringSegment[_traffic.Slots];
        Span<ushort> heads = stackalloc ushort[_traffic.Batch];
        for (int message = 0; message < _traffic.Messages; message++)
        {
            ushort head = Take(device, scratch, 0);
            WritePayload(Buffer(scratch[0]), message);
            heads[message % _traffic.Batch] = head;
            if (_traffic.EndsBatch(message)) Return(device, heads, message);
        }
    }

    private ushort Take(PackedQueueDevice<ExploredAccess> device, Span<VringSegment> scratch, int message)
    {
        RingStatus status = device.TryTake(scratch, out DescriptorChain chain);
        while (status == RingStatus.Empty)
        {
            if (!device.ArmKick()) _explorer.Sleep();
            device.DisarmKick();
            status = device.TryTake(scratch, out chain);
        }

        Expect(status == RingStatus.Ok, $"the device finds {status}");
        Expect(chain.Readable.Length + chain.Writable.Length == _traffic.Slots, "the chain is whole");
        Expect(chain.Readable.IsEmpty != Sends, "the chain has its direction");
        int buffer = Buffer(scratch[0]);
        for (int link = 0; link < _traffic.Slots; link++)
            Expect(scratch[link] == Segment(buffer, link, message), $"a buffer of message {message} lies at {scratch[link]}");
        return chain.Head;
    }

    private void Return(PackedQueueDevice<ExploredAccess> device, Span<ushort> heads, int lastMessage)
    {
        for (int place = lastMessage + 1 - heads.Length; place <= lastMessage; place++)
        {
            int message = _traffic.ReturnedAt(place);
            device.Return(heads[message % heads.Length], Sends ? 0 : WrittenBytes(message));
        }

        device.Publish();
        if (device.ShouldInterrupt()) _explorer.Notify();
    }

    private void Clear()
    {
        _queue.Region.Span.Clear();
        _payload.Span.Clear();
        _queue.DriverState.Reset();
        _queue.DeviceState.Reset();
        _queue.Device.DisarmKick(); // it is about to look
    }

    private void LendAll()
    {
        Clear();
        for (int buffer = 0; buffer < _traffic.Lent; buffer++) _ = _queue.Driver.TryOffer([], Chain(buffer, 0), buffer);
        _queue.Driver.Publish();
        _ = _queue.Driver.ShouldKick();
        if (_traffic.StaysArmed) _ = _queue.Driver.ArmInterrupt(); // zeroed memory asks for everything, by no event
    }

    private void NameWords()
    {
        Name(_queue.Layout.DriverEventOffset, "driver_event");
        Name(_queue.Layout.DeviceEventOffset, "device_event");
        for (int slot = 0; slot < _traffic.QueueSize; slot++)
        {
            Name(16 * slot, $"addr of slot {slot}");
            Name((16 * slot) + 4, $"addr of slot {slot}, upper half");
            Name((16 * slot) + 8, $"len of slot {slot}");
            Name((16 * slot) + 12, $"id of slot {slot}");
            Name((16 * slot) + 14, $"flags of slot {slot}");
            _explorer.Name(_payload.Span[(4 * slot)..], $"payload of slot's buffer {slot}");
        }
    }

    private void Name(int offset, string name) => _explorer.Name(_queue.Region.Span[offset..], name);

    private void WritePayload(int buffer, int message)
    {
        for (int link = 0; link < _traffic.Slots; link++)
            ExploredAccess.Store(ref Payload(buffer, link), new Le32(Content(message, link)));
    }

    private void ReadPayload(int buffer, int message)
    {
        for (int link = 0; link < _traffic.Slots; link++)
        {
            uint content = ExploredAccess.Load(ref Payload(buffer, link)).Value;
            Expect(content == Content(message, link), $"message {message} says 0x{content:x}");
        }
    }

    private ref Le32 Payload(int buffer, int link) => ref Unsafe.As<byte, Le32>(ref _payload.Span[4 * ((buffer * _traffic.Slots) + link)]);

    private VringSegment[] Chain(int buffer, int message)
    {
        for (int link = 0; link < _traffic.Slots; link++) _driverScratch[link] = Segment(buffer, link, message);
        return _driverScratch;
    }

    /// <summary>A buffer that says which it is, and how long a message lies in it.</summary>
    private static VringSegment Segment(int buffer, int link, int message) =>
        new(AddressBase + (BufferBytes * (uint)buffer) + (uint)link, 16 + (uint)message);

    /// <summary>The buffer of a segment; one that never was lent is told apart by its address.</summary>
    private int Buffer(VringSegment segment)
    {
        ulong buffer = (segment.Address - AddressBase) / BufferBytes;
        Expect(buffer < (ulong)_traffic.Lent, $"the device finds {segment}");
        return (int)buffer;
    }

    private uint WholeBytes() => 16 * (uint)_traffic.Slots;

    private static uint WrittenBytes(int message) => 1 + (uint)message;

    private static uint Content(int message, int link) => 0xc0de0000 + ((uint)link << 8) + (uint)message;

    private static void Expect(bool holds, string otherwise)
    {
        if (!holds) throw new ViolationException(otherwise);
    }
}
