using System;
using System.Runtime.InteropServices;
using System.Threading.Tasks;
using RemoteprocEmu.DriverModel.Log;
using RemoteprocEmu.Platform;
using RemoteprocEmu.Platform.Trace;
using RemoteprocEmu.Rpmsg.Bus;
using RemoteprocEmu.Rpmsg.Wire;
using RemoteprocEmu.Virtio.Device;

namespace RemoteprocEmu.Rpmsg.VirtioBackend;

/// <summary>The receiving half of one vdev: hands what comes to its endpoint, in place, and lends the buffers again.</summary>
/// <remarks>
/// A buffer is in the ring, in a handler, or held. Synchronous as long as handlers are: only one that waits makes the drain a task. One
/// drain at a time; an interrupt that comes during one is remembered.
/// Source: Linux drivers/rpmsg/virtio_rpmsg_bus.c, rpmsg_recv_done, rpmsg_recv_single.
/// </remarks>
internal sealed partial class MessageReceiver
{
    private const int NoBuffer = -1;
    private const int RestEvery = 512; // more than a vdev has buffers: in virtual time, where nobody sends meanwhile, a drain never rests

    private readonly Virtqueue _queue;
    private readonly MessageBuffers _buffers;
    private readonly EndpointTable _endpoints;
    private readonly bool _isBigEndian;
    private readonly long[] _serials; // by buffer: which message is in it; 0 while it is the remote's
    private readonly int[] _holders;  // by buffer: the handler and who else has it
    private int _buffer;               // the one in a handler now; NoBuffer while the drain rests
    private RpmsgEndpoint? _endpoint;  // whose handler; null for a message that found none
    private long _lastSerial;
    private int _repostedCount;
    private int _refusedCount;
    private bool _draining;
    private bool _interruptedAgain;

    public MessageReceiver(Virtqueue queue, MessageBuffers buffers, EndpointTable endpoints, bool isBigEndian)
    {
        _isBigEndian = isBigEndian;
        _queue = queue;
        _buffers = buffers;
        _endpoints = endpoints;
        _serials = new long[buffers.RxCount];
        _holders = new int[buffers.RxCount];
        _rxStart = buffers.RxStart;
    }

    public IRpmsgTap? Tap { get; init; }

    /// <summary>Buffers that came back, whatever was in them.</summary>
    public long ReceivedCount { get; private set; }

    private VirtioDevice Device => _queue.Device;

    private KernelLog Log => _queue.Device.Kernel.Log;

    /// <summary>Lends every buffer to the remote, in order, without a kick. Kernel: rpmsg_probe.</summary>
    public void PostAll()
    {
        for (int buffer = 0; buffer < _buffers.RxCount; buffer++)
        {
            Errno errno = _queue.AddInbuf(_buffers.RxAddress(buffer), (uint)_buffers.RxBytes, buffer);
            Invariant.Check(errno == Errno.Ok, "a new ring has room for as many buffers as it has descriptors");
        }
    }

    /// <summary>Something has come. Kernel: rpmsg_recv_done.</summary>
    public ValueTask OnInterruptAsync()
    {
        if (_draining)
        {
            _interruptedAgain = true;
            return ValueTask.CompletedTask;
        }

        _draining = true;
        long countBefore = ReceivedCount;
        bool handlerWaits = Run(goesOn: true, out ValueTask handling);
        if (ReceivedCount == countBefore) Log.Error(Device, "uhm, incoming signal, but no used buffer ?");
        return handlerWaits ? ContinueAsync(handling) : ValueTask.CompletedTask;
    }

    public ReadOnlySpan<byte> Payload(int buffer, long serial, int lengthBytes)
    {
        if (_buffers.IsFreed) return [];
        Check(buffer, serial);
        return _buffers.Rx(buffer).Slice(RpmsgHeader.SizeBytes, lengthBytes);
    }

    /// <summary>Of its queue.</summary>
    public string Name => _queue.ToString();

    /// <summary>Which message is in a buffer; 0 while it is the remote's.</summary>
    public long Serial(int buffer) => _serials[buffer];

    /// <summary>Whether the buffer still holds that message; false when the device is gone.</summary>
    public bool IsThere(int buffer, long serial)
    {
        if (_buffers.IsFreed) return false;
        Check(buffer, serial);
        return true;
    }

    public void Hold(int buffer, long serial)
    {
        if (_buffers.IsFreed) return;
        Check(buffer, serial);
        _holders[buffer]++;
    }

    public void Release(int buffer, long serial)
    {
        if (_buffers.IsFreed) return;
        Check(buffer, serial);
        if (buffer == _polledBuffer && _holders[buffer] == 1) // the one that is left is the handler's own
            throw new InvalidOperationException("the message's buffer was given back already");
        if (--_holders[buffer] > 0) return;
        if (TryRepost(buffer) && !_draining) KickReposted();
    }

    public BufferCensus Count()
    {
        int held = 0;
        foreach (long serial in _serials) held += serial == 0 ? 0 : 1;
        return new BufferCensus(_queue.ToString(), _queue.IsBroken, _buffers.RxCount, Free: 0, held, _queue.Size - _queue.FreeCount,
            _refusedCount, ReceivedCount, _queue.UsedCount, _draining);
    }

    /// <summary>The loop over all that has come, until there is no more, or a handler waits, or it is time for others to run.</summary>
    /// <returns>True when <paramref name="handling"/> is to be awaited, and the loop to be continued after it.</returns>
    private bool Run(bool goesOn, out ValueTask handling)
    {
        handling = default;
        int untilRest = RestEvery;
        while (true)
        {
            while (goesOn && _queue.GetBuf(out _buffer, out uint usedBytes))
            {
                ReceivedCount++;
                if (!TryAccept(usedBytes, out RpmsgHeader header)) break;
                handling = Dispatch(header);
                if (!handling.IsCompletedSuccessfully) return true;
                goesOn = TryFinish();
                if (--untilRest > 0) continue;
                handling = RestAsync();
                return true;
            }

            _draining = false;
            KickReposted(); // once for the whole batch
            if (!_interruptedAgain) return false;
            _interruptedAgain = false;
            _draining = goesOn = true;
        }
    }

    /// <summary>The same loop, once a handler has waited.</summary>
    private async ValueTask ContinueAsync(ValueTask handling)
    {
        do
        {
            await handling;
            if (_buffers.IsFreed) // the device was removed meanwhile
            {
                EndHandling();
                return;
            }
        }
        while (Run(goesOn: TryFinish(), out handling));
    }

    /// <summary>A remote that sends as fast as we read would keep the host processor for ever: its other tasks have a turn.</summary>
    private async ValueTask RestAsync()
    {
        KickReposted();
        _buffer = NoBuffer;
        _endpoint = null;
        await Device.Kernel.Scheduler.Point("rpmsg_recv_done");
    }

    /// <summary>Judges what the remote claims. A message that lies is lost with its buffer, and the rest waits for the next
    /// interrupt.</summary>
    private bool TryAccept(uint usedBytes, out RpmsgHeader header)
    {
        ReadOnlySpan<byte> bytes = _buffers.Rx(_buffer);
        header = MemoryMarshal.Read<RpmsgHeader>(bytes); // one copy, checked and used
        if (_isBigEndian) header = header.ReverseBytes();
        // The kernel subtracts without looking, so a used length below 16 wraps and passes there.
        if (usedBytes >= RpmsgHeader.SizeBytes && usedBytes <= (uint)_buffers.RxBytes &&
            header.LengthBytes <= (int)usedBytes - RpmsgHeader.SizeBytes)
        {
            Tap?.Passed(Device, isToHost: true, bytes[..(RpmsgHeader.SizeBytes + header.LengthBytes)]);
            return true;
        }

        Tap?.Passed(Device, isToHost: true, bytes[..(int)Math.Min(usedBytes, (uint)bytes.Length)]);
        _refusedCount++;
        Log.Warning(Device, $"inbound msg too big: ({usedBytes}, {header.LengthBytes})");
        return false;
    }

    private ValueTask Dispatch(RpmsgHeader header)
    {
        _serials[_buffer] = ++_lastSerial;
        _holders[_buffer] = 1;
        NoteMessage(header);
        _endpoint = _endpoints.Find(header.Destination);
        if (_endpoint is null)
        {
            Log.WarningRateLimited(Device, "rpmsg_recv_single", "msg received with no recipient");
            return ValueTask.CompletedTask;
        }

        NoteHandler(_endpoint);
        _endpoint.HandledBy = Device.Kernel.Scheduler.Current;
        return _endpoint.Handler!(new RpmsgMessage(_endpoint, header.Source, header.LengthBytes, _buffer, _lastSerial));
    }

    private void NoteMessage(in RpmsgHeader header)
    {
        Tracer trace = Device.Kernel.Scheduler.Trace;
        if (!trace.IsOn) return;
        ulong addresses = ((ulong)header.Source.Value << 32) | header.Destination.Value;
        trace.Emit(TraceKind.Message, Device.Name, addresses, (ulong)header.LengthBytes);
    }

    private void NoteHandler(RpmsgEndpoint endpoint)
    {
        if (Device.Kernel.Scheduler.Watch is { } watch && !endpoint.Device.HasLiveDriver)
            watch.CalledAfterExit($"the handler of {endpoint.Device.Id}", endpoint.Device.Driver?.Name ?? "none");
    }

    /// <summary>After the handler: gives its hold up.</summary>
    /// <returns>False when the buffer could not be lent again, which ends the loop.</returns>
    private bool TryFinish()
    {
        EndHandling();
        if (_buffer == NoBuffer) return true;
        Check(_buffer, _lastSerial); // a handler that released what it did not hold is found here
        return --_holders[_buffer] > 0 || TryRepost(_buffer);
    }

    private void EndHandling()
    {
        if (_endpoint is not { } endpoint) return;
        endpoint.HandledBy = null;
        if (endpoint.IsDestroyed) endpoint.HandlerLock.WakeAll();
    }

    private bool TryRepost(int buffer)
    {
        _serials[buffer] = 0;
        Errno errno = _queue.AddInbuf(_buffers.RxAddress(buffer), (uint)_buffers.RxBytes, buffer);
        if (errno == Errno.Ok)
        {
            _repostedCount++;
            return true;
        }

        Log.Error(Device, $"failed to add a virtqueue buffer: {errno.Kernel()}");
        return false;
    }

    private void KickReposted()
    {
        if (_repostedCount == 0) return;
        _repostedCount = 0;
        _ = _queue.Kick(); // a queue that cannot be kicked is broken, and says so at the next use
    }

    private void Check(int buffer, long serial)
    {
        if (_serials[buffer] != serial) throw new InvalidOperationException("the message's buffer was given back already");
    }
}
