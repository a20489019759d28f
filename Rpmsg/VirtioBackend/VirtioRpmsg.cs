using System;
using System.Runtime.InteropServices;
using System.Threading.Tasks;
using RemoteprocEmu.DriverModel.Log;
using RemoteprocEmu.Platform;
using RemoteprocEmu.Platform.Tasks;
using RemoteprocEmu.Platform.Trace;
using RemoteprocEmu.Rpmsg.Bus;
using RemoteprocEmu.Rpmsg.Ownership;
using RemoteprocEmu.Rpmsg.Wire;
using RemoteprocEmu.Virtio.Device;

namespace RemoteprocEmu.Rpmsg.VirtioBackend;

/// <summary>The host half of one rpmsg vdev, from probe to remove: channels, endpoints, buffers. Kernel: struct virtproc_info.</summary>
/// <remarks>Source: Linux drivers/rpmsg/virtio_rpmsg_bus.c.</remarks>
internal sealed class VirtioRpmsg(RpmsgBus bus, VirtioDevice device, bool isBigEndian) : IRpmsgBackend
{
    private static readonly NameSeries s_endpoints = new("", " endpoints");
    private static readonly NameSeries s_channels = new("", " channels");

    private readonly EndpointTable _endpoints = new(SharedState.Of(device.Kernel.Scheduler, s_endpoints[device.Name]));
    private readonly WaitQueue _channelGone = new(device.Kernel.Scheduler, s_channels[device.Name]);
    private MessageBuffers? _buffers;
    private MessageSender? _sender;
    private MessageReceiver? _receiver;
    private RpmsgFastPath? _fastPath;

    /// <inheritdoc/>
    public int MtuBytes => _buffers?.MtuBytes ?? RpmsgLimits.PayloadBytesMax;

    /// <summary>Who writes down who has which buffer; null for nobody.</summary>
    public BufferLedger? Ledger { get; init; }

    /// <summary>Who sees each message; null for nobody. Set before <see cref="Begin"/>.</summary>
    public IRpmsgTap? Tap { get; init; }

    /// <summary>The receiving half; there between <see cref="Begin"/> and <see cref="End"/>.</summary>
    public MessageReceiver Receiver => _receiver ?? throw new InvariantException("a vdev receives between probe and remove");

    /// <summary>The sending half; there between <see cref="Begin"/> and <see cref="End"/>.</summary>
    public MessageSender Sender => _sender ?? throw new InvariantException("a vdev sends between probe and remove");

    /// <summary>Messages by the batch; one for each probe.</summary>
    public RpmsgFastPath FastPath => _fastPath ??= new RpmsgFastPath(Sender, Receiver);

    private KernelLog Log => device.Kernel.Log;

    private bool HasNameService => (device.Features & (ulong)RpmsgFeatures.NameService) != 0;

    public void Begin(Virtqueue rvq, Virtqueue svq, MessageBuffers buffers)
    {
        _buffers = buffers;
        _sender = new MessageSender(svq, buffers, isBigEndian) { Tap = Tap };
        _receiver = new MessageReceiver(rvq, buffers, _endpoints, isBigEndian) { Tap = Tap };
    }

    /// <summary>Gives the buffers back; what still holds one sees it empty from here on.</summary>
    public void End()
    {
        _buffers!.Free();
        _sender!.Abandon();
    }

    public bool TryCount(out BufferCensus receive, out BufferCensus send)
    {
        receive = send = default;
        if (_buffers is not { IsFreed: false }) return false;
        receive = Receiver.Count();
        send = Sender.Count();
        return true;
    }

    /// <summary>Before <see cref="Begin"/> nothing was lent: a remote that interrupts by then is not listened to. The kernel would
    /// fault.</summary>
    public ValueTask OnReceiveInterruptAsync(Virtqueue _) => _receiver?.OnInterruptAsync() ?? ValueTask.CompletedTask;

    /// <inheritdoc cref="OnReceiveInterruptAsync"/>
    public ValueTask OnSendInterruptAsync(Virtqueue _) => _sender?.OnInterruptAsync() ?? ValueTask.CompletedTask;

    /// <summary>Adds the device of one of our own services, bound by override. Kernel: rpmsg_register_device_override.</summary>
    public async ValueTask<Errno> RegisterServiceAsync(string driverName, RpmsgAddress address)
    {
        RpmsgDevice service = new(bus, device, this, new RpmsgChannelInfo(driverName, address, address))
        {
            DriverOverride = driverName,
            IsBigEndian = isBigEndian,
        };
        Errno errno = await service.AddAsync();
        if (errno == Errno.Ok) return Errno.Ok;
        Log.Error(service, $"device_add failed: {errno.Kernel()}");
        service.Put();
        return errno;
    }

    /// <summary>Takes every channel and service off the bus, in order of addition. Kernel: rpmsg_remove, rpmsg_remove_device.</summary>
    public async ValueTask UnregisterAllAsync()
    {
        while (FirstChannel() is { } channel) await UnregisterAsync(channel);
        if (_endpoints.Count > 0) Log.Warning(device, $"{_endpoints.Count} endpoints outlive their channels"); // a driver forgot its own
    }

    /// <inheritdoc/>
    public async ValueTask<RpmsgDevice?> CreateChannelAsync(RpmsgChannelInfo info)
    {
        if (Find(info) is not null)
        {
            Log.Error(device, $"channel {info.Name}:{info.Source.Value:x}:{info.Destination.Value:x} already exist");
            return null;
        }

        RpmsgDevice channel = new(bus, device, this, info) { IsAnnounced = !info.Source.IsAny, IsBigEndian = isBigEndian };
        Errno errno = await channel.AddAsync();
        if (errno == Errno.Ok) return channel;
        Log.Error(channel, $"device_add failed: {errno.Kernel()}");
        channel.Put();
        return null;
    }

    /// <inheritdoc/>
    public async ValueTask<Errno> ReleaseChannelAsync(RpmsgChannelInfo info)
    {
        if (Find(info) is not { } channel) return Errno.EINVAL;
        await UnregisterAsync(channel);
        return Errno.Ok;
    }

    /// <inheritdoc/>
    public RpmsgEndpoint? CreateEndpoint(RpmsgDevice channel, RpmsgMessageHandler handler, RpmsgAddress address)
    {
        RpmsgAddress taken = _endpoints.Take(address);
        if (taken.IsAny)
        {
            Errno errno = address.IsAny || !IsIdrAddress(address) ? Errno.EINVAL : Errno.ENOSPC;
            Log.Error(channel, $"idr_alloc failed: {errno.Kernel()}");
            return null;
        }

        RpmsgEndpoint endpoint = new(channel, handler, taken);
        _endpoints.Add(endpoint);
        return endpoint;
    }

    /// <inheritdoc/>
    public async ValueTask DestroyEndpointAsync(RpmsgEndpoint endpoint)
    {
        if ((endpoint.HandledBy is { } task && task == device.Kernel.Scheduler.Current) || _receiver?.PolledAddress == endpoint.Address)
            throw new InvalidOperationException($"endpoint {endpoint.Address} is destroyed from its own handler: cb_lock is held");
        if (!_endpoints.Remove(endpoint)) return;
        endpoint.IsDestroyed = true;
        if (endpoint.HandledBy is not null) _ = await endpoint.HandlerLock.WaitAsync(endpoint, static ept => ept.HandledBy is null);
        endpoint.Handler = null;
        Ledger?.EndpointGone(endpoint);
    }

    /// <inheritdoc/>
    public ValueTask<Errno> AnnounceCreateAsync(RpmsgDevice channel) => AnnounceAsync(channel, NameServiceFlags.Create);

    /// <inheritdoc/>
    public ValueTask<Errno> AnnounceDestroyAsync(RpmsgDevice channel) => AnnounceAsync(channel, NameServiceFlags.Destroy);

    /// <inheritdoc/>
    public Errno TrySend(RpmsgEndpoint endpoint, RpmsgAddress source, RpmsgAddress destination, ReadOnlySpan<byte> payload)
    {
        Errno errno = Judge(endpoint, source, destination, payload.Length);
        if (errno != Errno.Ok) return errno;
        return Sender.TryTake(out int buffer) ? SendCopy(endpoint, buffer, source, destination, payload) : Sender.WhyNone;
    }

    /// <inheritdoc/>
    public ValueTask<Errno> SendAsync(RpmsgEndpoint endpoint, RpmsgAddress source, RpmsgAddress destination, ReadOnlyMemory<byte> payload)
    {
        Errno errno = TrySend(endpoint, source, destination, payload.Span);
        return errno == Errno.ENOMEM ? WaitAndSendAsync(endpoint, source, destination, payload) : new ValueTask<Errno>(errno);
    }

    /// <inheritdoc/>
    public Errno TryReserve(RpmsgEndpoint endpoint, out RpmsgTxBuffer buffer)
    {
        buffer = default;
        if (!Sender.TryTake(out int taken)) return Sender.WhyNone;
        buffer = new RpmsgTxBuffer(endpoint, taken, Sender.Serial(taken));
        Ledger?.Taken(Sender.Name, taken, endpoint);
        return Errno.Ok;
    }

    /// <inheritdoc/>
    public async ValueTask<(Errno Errno, RpmsgTxBuffer Buffer)> ReserveAsync(RpmsgEndpoint endpoint)
    {
        (Errno errno, int taken) = await Sender.TakeAsync(endpoint.Device);
        if (errno != Errno.Ok) return (errno, default);
        Ledger?.Taken(Sender.Name, taken, endpoint);
        return (errno, new RpmsgTxBuffer(endpoint, taken, Sender.Serial(taken)));
    }

    /// <inheritdoc/>
    public Errno Commit(in RpmsgTxBuffer buffer, RpmsgAddress source, RpmsgAddress destination, int lengthBytes)
    {
        NoteUse(BufferRule.DoubleRelease, buffer);
        if (Sender.Bytes(buffer.Buffer, buffer.Serial).IsEmpty) return Errno.ENODEV;
        Errno errno = Judge(buffer.Endpoint, source, destination, lengthBytes);
        if (errno != Errno.Ok) return errno;
        Ledger?.GivenBack(Sender.Name, buffer.Buffer);
        return Send(buffer.Endpoint, buffer.Buffer, source, destination, lengthBytes);
    }

    /// <inheritdoc/>
    public void Cancel(in RpmsgTxBuffer buffer)
    {
        if (Sender.Serial(buffer.Buffer) == buffer.Serial) Ledger?.GivenBack(Sender.Name, buffer.Buffer);
        Sender.Cancel(buffer.Buffer, buffer.Serial);
    }

    /// <inheritdoc/>
    public Span<byte> PayloadOf(scoped in RpmsgTxBuffer buffer)
    {
        NoteUse(BufferRule.UseAfterRelease, buffer);
        Span<byte> bytes = Sender.Bytes(buffer.Buffer, buffer.Serial);
        return bytes.IsEmpty ? bytes : bytes[RpmsgHeader.SizeBytes..];
    }

    /// <inheritdoc/>
    public ReadOnlySpan<byte> PayloadOf(scoped in RpmsgMessage message)
    {
        NoteUse(BufferRule.UseAfterRelease, message);
        return Receiver.Payload(message.Buffer, message.Serial, message.LengthBytes);
    }

    /// <inheritdoc/>
    public Memory<byte> MemoryOf(in RpmsgTxBuffer buffer)
    {
        NoteUse(BufferRule.UseAfterRelease, buffer);
        return Sender.Bytes(buffer.Buffer, buffer.Serial).IsEmpty ? default : _buffers!.TxMemory(buffer.Buffer)[RpmsgHeader.SizeBytes..];
    }

    /// <inheritdoc/>
    public ReadOnlyMemory<byte> MemoryOf(in RpmsgMessage message)
    {
        NoteUse(BufferRule.UseAfterRelease, message);
        return Receiver.IsThere(message.Buffer, message.Serial)
            ? _buffers!.RxMemory(message.Buffer).Slice(RpmsgHeader.SizeBytes, message.LengthBytes)
            : default;
    }

    /// <inheritdoc/>
    public void Hold(in RpmsgMessage message)
    {
        NoteUse(BufferRule.UseAfterRelease, message);
        Receiver.Hold(message.Buffer, message.Serial);
        Ledger?.Taken(Receiver.Name, message.Buffer, message.Endpoint);
    }

    /// <inheritdoc/>
    public void Release(in RpmsgMessage message)
    {
        NoteUse(BufferRule.DoubleRelease, message);
        Ledger?.GivenBack(Receiver.Name, message.Buffer);
        Receiver.Release(message.Buffer, message.Serial);
    }

    /// <summary>Somebody writes down who has what: a buffer that is used by who has it no more is named before that throws.</summary>
    private void NoteUse(BufferRule rule, in RpmsgTxBuffer buffer)
    {
        if (Ledger is null || _buffers!.IsFreed || Sender.Serial(buffer.Buffer) == buffer.Serial) return;
        Ledger.Misused(rule, Sender.Name, buffer.Buffer, buffer.Endpoint);
    }

    /// <inheritdoc cref="NoteUse(BufferRule, in RpmsgTxBuffer)"/>
    private void NoteUse(BufferRule rule, in RpmsgMessage message)
    {
        if (Ledger is null || _buffers!.IsFreed || Receiver.Serial(message.Buffer) == message.Serial) return;
        Ledger.Misused(rule, Receiver.Name, message.Buffer, message.Endpoint);
    }

    private static bool IsIdrAddress(RpmsgAddress address) => address.Value <= int.MaxValue;

    private RpmsgDevice? FirstChannel()
    {
        for (int i = 0; i < device.Children.Count; i++)
        {
            if (device.Children[i] is RpmsgDevice channel) return channel;
        }

        return null;
    }

    /// <summary>Kernel: rpmsg_find_device.</summary>
    private RpmsgDevice? Find(in RpmsgChannelInfo info)
    {
        for (int i = 0; i < device.Children.Count; i++)
        {
            if (device.Children[i] is RpmsgDevice { IsGoing: false } channel && channel.Is(info)) return channel;
        }

        return null;
    }

    /// <summary>Takes a channel off the bus; when somebody else does, waits for that. Kernel: rpmsg_unregister_device.</summary>
    private async ValueTask UnregisterAsync(RpmsgDevice channel)
    {
        if (channel.IsGoing)
        {
            _ = await _channelGone.WaitAsync(channel, static channel => !channel.IsAdded);
            return;
        }

        channel.IsGoing = true;
        await channel.UnregisterAsync();
        _channelGone.WakeAll();
    }

    private async ValueTask<Errno> AnnounceAsync(RpmsgDevice channel, NameServiceFlags flags)
    {
        if (!channel.IsAnnounced || channel.Endpoint is not { } endpoint || !HasNameService) return Errno.Ok;
        byte[] payload = new byte[NameServiceMessage.SizeBytes];
        NameServiceMessage message = new(new RpmsgName(channel.Id), endpoint.Address, flags);
        if (isBigEndian) message = message.ReverseBytes();
        MemoryMarshal.Write(payload, in message);
        Errno errno = await endpoint.SendToAsync(RpmsgAddress.NameService, payload);
        if (errno != Errno.Ok) Log.Error(channel, $"failed to announce service {errno.Kernel()}");
        return errno;
    }

    /// <summary>What a message must be before a buffer is looked for. Kernel: rpmsg_send_offchannel_raw, its first two checks.</summary>
    private Errno Judge(RpmsgEndpoint endpoint, RpmsgAddress source, RpmsgAddress destination, int lengthBytes)
    {
        if (source.IsAny || destination.IsAny)
        {
            Log.Error(endpoint.Device, $"invalid addr (src {source}, dst {destination})");
            return Errno.EINVAL;
        }

        if ((uint)lengthBytes > (uint)MtuBytes) // unsigned: a negative length is too long as well
        {
            Log.Error(endpoint.Device, $"message is too big ({lengthBytes})");
            return Errno.EMSGSIZE;
        }

        return Errno.Ok;
    }

    private async ValueTask<Errno> WaitAndSendAsync(
        RpmsgEndpoint endpoint, RpmsgAddress source, RpmsgAddress destination, ReadOnlyMemory<byte> payload)
    {
        (Errno errno, int buffer) = await Sender.TakeAsync(endpoint.Device);
        return errno == Errno.Ok ? SendCopy(endpoint, buffer, source, destination, payload.Span) : errno;
    }

    private Errno SendCopy(
        RpmsgEndpoint endpoint, int buffer, RpmsgAddress source, RpmsgAddress destination, ReadOnlySpan<byte> payload)
    {
        payload.CopyTo(Sender.Bytes(buffer, Sender.Serial(buffer))[RpmsgHeader.SizeBytes..]);
        return Send(endpoint, buffer, source, destination, payload.Length);
    }

    private Errno Send(RpmsgEndpoint endpoint, int buffer, RpmsgAddress source, RpmsgAddress destination, int lengthBytes)
    {
        Tracer trace = device.Kernel.Scheduler.Trace;
        if (trace.IsOn) trace.Emit(TraceKind.Message, device.Name, ((ulong)source.Value << 32) | destination.Value, (ulong)lengthBytes);
        return Sender.Send(endpoint.Device, buffer, source, destination, lengthBytes);
    }
}
