using RemoteprocEmu.Platform.Memory;
using RemoteprocEmu.Virtio.Ring;

namespace RemoteprocEmu.Board.Bench.Lanes;

/// <summary>Virtqueues alone: one to the remote, one to the host, each with its buffers behind it.</summary>
internal sealed class RingTransport : MemoryTransport
{
    private const int AlignBytes = 64;

    /// <inheritdoc/>
    public override int SizeBytes(BenchCase benchCase) => 2 * (QueueBytes(benchCase) + BuffersBytes(benchCase));

    /// <inheritdoc/>
    public override HalfRunner Make(HalfContext context, LaneMemory laneMemory)
    {
        nint memory = laneMemory.Start;
        BenchCase benchCase = context.Case;
        int toRemote = 0, toHost = QueueBytes(benchCase) + BuffersBytes(benchCase);
        OffsetMap map = new(memory, SizeBytes(benchCase));
        if (benchCase.Layout == BenchLayout.Packed)
        {
            _ = PackedQueueLayout.TryCreate(benchCase.Ring, out PackedQueueLayout packed); // a power of two that the catalog chose
            return context.IsHost
                ? MakeHost(context, memory, toRemote, toHost, new PackedDriverQueue(memory + toRemote, new PackedDriverState(packed)),
                    new PackedDriverQueue(memory + toHost, new PackedDriverState(packed)),
                    new PackedDeviceQueue(memory + toRemote, new PackedDeviceState(packed), map))
                : MakeRemote(context, new PackedDeviceQueue(memory + toRemote, new PackedDeviceState(packed), map),
                    new PackedDeviceQueue(memory + toHost, new PackedDeviceState(packed), map));
        }

        RingFeatures features = benchCase.Layout == BenchLayout.InOrder ? RingFeatures.InOrder : RingFeatures.None;
        _ = SplitQueueLayout.TryCreate(benchCase.Ring, AlignBytes, int.MaxValue, out SplitQueueLayout split); // as above
        return context.IsHost
            ? MakeHost(context, memory, toRemote, toHost, new SplitDriverQueue(memory + toRemote, new DriverState(split, features)),
                new SplitDriverQueue(memory + toHost, new DriverState(split, features)),
                new SplitDeviceQueue(memory + toRemote, NewDevice(split, features), map))
            : MakeRemote(context, new SplitDeviceQueue(memory + toRemote, NewDevice(split, features), map),
                new SplitDeviceQueue(memory + toHost, NewDevice(split, features), map));
    }

    private static DeviceState NewDevice(in SplitQueueLayout layout, RingFeatures features) => new(layout, features)
    {
        CoalescesUsed = true, // the messages of a case are of one length
    };

    private static HalfRunner MakeHost<TDriver, TDevice>(HalfContext context, nint memory, int toRemoteAt, int toHostAt, TDriver toRemote,
        TDriver toHost, TDevice toRemoteDevice)
        where TDriver : struct, IDriverQueue
        where TDevice : struct, IDeviceQueue
    {
        BenchCase benchCase = context.Case;
        int queueBytes = QueueBytes(benchCase);
        RingHalves.DriverSend<TDriver> send = new(toRemote, memory, toRemoteAt + queueBytes, benchCase, context.BellToRing);
        if (benchCase.Place == BenchPlace.OneThread)
            return Runners.OneThread(context, send, new RingHalves.DeviceReceive<TDevice>(toRemoteDevice, benchCase, null));
        return Make(context, send,
            new RingHalves.DriverReceive<TDriver>(toHost, memory, toHostAt + queueBytes, benchCase, context.BellToRing));
    }

    private static HalfRunner MakeRemote<TDevice>(HalfContext context, TDevice toRemote, TDevice toHost)
        where TDevice : struct, IDeviceQueue => Make(context,
            new RingHalves.DeviceSend<TDevice>(toHost, context.Case, context.BellToRing),
            new RingHalves.DeviceReceive<TDevice>(toRemote, context.Case, context.BellToRing));

    /// <summary>Large enough for either layout.</summary>
    private static int QueueBytes(BenchCase benchCase) =>
        (int)SharedMemory.RoundUpToPage((long)VringSize.Bytes((uint)benchCase.Ring, AlignBytes));

    private static int BuffersBytes(BenchCase benchCase) => (int)SharedMemory.RoundUpToPage(benchCase.Ring * RingHalves.BufferBytes);
}
