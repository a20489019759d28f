using System;
using System.Buffers.Binary;
using System.Collections.Generic;
using System.Threading.Tasks;
using RemoteprocEmu.DriverModel.Nodes;
using RemoteprocEmu.Platform;
using RemoteprocEmu.Platform.Tasks;
using RemoteprocEmu.Rpmsg.Bus;

namespace RemoteprocEmu.Rpmsg.Drivers;

/// <summary>/dev/rpmsg0 and on: an endpoint for one program at a time.</summary>
/// <remarks>
/// One made by a control node has an endpoint while it is open. One of a channel named rpmsg-raw has the channel's default endpoint, and
/// keeps what comes while nobody has it open. What comes is queued without bound, as in the kernel.
/// Source: Linux drivers/rpmsg/rpmsg_char.c, struct rpmsg_eptdev.
/// </remarks>
internal sealed class RpmsgEndpointNode : DeviceNode
{
    private readonly RpmsgEndpointDevice _device;
    private readonly RpmsgEndpoint? _defaultEndpoint;
    private readonly Mutex _lock;
    private readonly Queue<byte[]> _received = new();
    private RpmsgDevice? _channel; // null once the node is destroyed
    private RpmsgEndpoint? _endpoint; // while it is open and its channel is there
    private bool _isRestricted;
    private bool _restrictionIsNews;

    /// <summary>Creates the node of an endpoint device.</summary>
    /// <param name="device">The device.</param>
    /// <param name="owner">rpmsg_char.</param>
    /// <param name="channel">The channel that its endpoints belong to.</param>
    /// <param name="info">The endpoint's address, and where it sends to.</param>
    /// <param name="defaultEndpoint">The channel's own endpoint, to be used instead of a new one; null for a new one.</param>
    public RpmsgEndpointNode(
        RpmsgEndpointDevice device, RpmsgCharModule owner, RpmsgDevice channel, RpmsgChannelInfo info, RpmsgEndpoint? defaultEndpoint)
        : base(device.Kernel, device.Name, owner, device)
    {
        _device = device;
        _channel = channel;
        _defaultEndpoint = defaultEndpoint;
        Info = info;
        _lock = new Mutex(channel.Kernel.Scheduler, $"{device.Name} ept_lock");
    }

    /// <summary>The endpoint's address, and where it sends to. In sysfs: name, src, dst.</summary>
    public RpmsgChannelInfo Info { get; }

    /// <summary>Messages that came and were not read.</summary>
    public int ReceivedCount => _received.Count;

    /// <summary>A message has come. Kernel: rpmsg_ept_cb.</summary>
    public ValueTask OnMessageAsync(RpmsgMessage message)
    {
        _received.Enqueue(message.Payload.ToArray());
        WakeAll();
        return ValueTask.CompletedTask;
    }

    /// <summary>The device goes: readers learn of it, and nobody can open it any more. Kernel: rpmsg_chrdev_eptdev_destroy.</summary>
    /// <remarks>A writer that waits for a buffer has the lock: this waits for it, up to 15 s. Once more is nothing.</remarks>
    public async ValueTask DestroyAsync()
    {
        await _lock.LockAsync();
        bool isFirst = _channel is not null;
        _channel = null;
        await DropEndpointAsync();
        _lock.Unlock();
        if (!isFirst) return;
        WakeAll();
        _ = Kernel.Nodes.Remove(this);
        await _device.UnregisterAsync();
    }

    /// <inheritdoc/>
    protected override async ValueTask<Errno> OpenAsync(DeviceFile file)
    {
        await _lock.LockAsync();
        Errno errno = _endpoint is not null ? Errno.EBUSY : _channel is null ? Errno.ENETRESET : Errno.Ok;
        if (errno == Errno.Ok)
        {
            _device.Get();
            _endpoint = _defaultEndpoint ?? _channel!.CreateEndpoint(OnMessageAsync, Info.Source);
            if (_endpoint is null)
            {
                Kernel.Log.Error(_device, $"failed to open {Info.Name}");
                _device.Put();
                errno = Errno.EINVAL;
            }
            else
            {
                _endpoint.FlowHandler = OnFlow;
            }
        }

        _lock.Unlock();
        return errno;
    }

    /// <inheritdoc/>
    protected override async ValueTask ReleaseAsync(DeviceFile file)
    {
        await _lock.LockAsync();
        await DropEndpointAsync();
        _lock.Unlock();
        _restrictionIsNews = false;
        _received.Clear();
        _device.Put();
    }

    /// <inheritdoc/>
    protected override async ValueTask<IoResult> ReadAsync(DeviceFile file, Memory<byte> buffer)
    {
        if (_endpoint is null) return IoResult.Failed(Errno.EPIPE);
        if (_received.Count == 0)
        {
            if (file.IsNonBlocking) return IoResult.Failed(Errno.EAGAIN);
            Errno errno = await WaitAsync(this, static node => node._received.Count > 0 || node._endpoint is null);
            if (errno != Errno.Ok) return IoResult.Failed(errno);
            if (_endpoint is null) return IoResult.Failed(Errno.EPIPE);
        }

        if (!_received.TryDequeue(out byte[]? message)) return IoResult.Failed(Errno.EFAULT); // another reader was faster
        int lengthBytes = Math.Min(message.Length, buffer.Length); // the rest of the message is lost
        message.AsMemory(0, lengthBytes).CopyTo(buffer);
        return IoResult.Moved(lengthBytes);
    }

    /// <inheritdoc/>
    protected override async ValueTask<IoResult> WriteAsync(DeviceFile file, ReadOnlyMemory<byte> buffer)
    {
        if (await _lock.LockInterruptibleAsync() != Errno.Ok) return IoResult.Failed(Errno.ERESTARTSYS);
        Errno errno;
        if (_endpoint is not { } endpoint)
        {
            errno = Errno.EPIPE;
        }
        else if (file.IsNonBlocking)
        {
            errno = endpoint.TrySendTo(Info.Destination, buffer.Span);
            if (errno == Errno.ENOMEM) errno = Errno.EAGAIN;
        }
        else
        {
            errno = await endpoint.SendToAsync(Info.Destination, buffer);
        }

        _lock.Unlock();
        return errno == Errno.Ok ? IoResult.Moved(buffer.Length) : IoResult.Failed(errno);
    }

    /// <inheritdoc/>
    protected override async ValueTask<PollEvents> PollAsync(DeviceFile file)
    {
        if (_endpoint is null) return PollEvents.Err;
        PollEvents events = _received.Count > 0 ? PollEvents.In | PollEvents.RdNorm : PollEvents.None;
        if (_restrictionIsNews) events |= PollEvents.Pri;
        await _lock.LockAsync(); // so that poll(2) waits for a writer that waits
        if (_endpoint is { } endpoint) events |= endpoint.Poll();
        _lock.Unlock();
        return events;
    }

    /// <inheritdoc/>
    protected override async ValueTask<Errno> IoctlAsync(DeviceFile file, uint command, ulong argument, Memory<byte> memory)
    {
        switch (command)
        {
            case RpmsgIoctl.GetOutgoingFlowControl:
                _restrictionIsNews = false;
                return BinaryPrimitives.TryWriteInt32LittleEndian(memory.Span, _isRestricted ? 1 : 0) ? Errno.Ok : Errno.EFAULT;
            case RpmsgIoctl.SetIncomingFlowControl:
                if (argument > 1) return Errno.EINVAL;
                return _endpoint?.SetFlowControl(argument == 1, Info.Destination) ?? Errno.EINVAL;
            case RpmsgIoctl.DestroyEndpoint:
                if (_defaultEndpoint is not null || _channel is null) return Errno.EINVAL; // a second time, the kernel frees it twice
                await DestroyAsync();
                return Errno.Ok;
            default:
                return Errno.EINVAL;
        }
    }

    /// <summary>Kernel: rpmsg_ept_flow_cb.</summary>
    private void OnFlow(RpmsgEndpoint endpoint, bool isRestricted)
    {
        _isRestricted = isRestricted;
        _restrictionIsNews = true;
        WakeAll();
    }

    /// <summary>Under the lock. The default endpoint is the bus's to destroy.</summary>
    private async ValueTask DropEndpointAsync()
    {
        if (_endpoint is not { } endpoint) return;
        if (_defaultEndpoint is null) await endpoint.DestroyAsync();
        _endpoint = null;
    }
}
