using System;
using System.Buffers;
using System.Buffers.Binary;
using System.Collections.Generic;
using System.Diagnostics.CodeAnalysis;
using Microsoft.Win32.SafeHandles;
using RemoteprocEmu.Interop.Native;
using RemoteprocEmu.Virtio.Device;
using RemoteprocEmu.Virtio.Remote;

namespace RemoteprocEmu.Interop.VhostUser;

/// <summary>A vhost-user back end: requests in, replies and a device out. One front end after the other.</summary>
/// <remarks>
/// <code>
/// front end                 this                                device half
/// SET_MEM_TABLE ..........  Memory ...........................  RemoteMemory
/// SET_VRING_*, ENABLE ....  Device (rings, status, features) .  IRemoteVdev
/// kick ...................  IVhostUserHost.Kicked
///                           Call .............................  its kick
/// </code>
/// A request that cannot be met changes nothing. If the front end asked for an acknowledgement it gets a refusal and the conversation goes
/// on; if not, the connection must end: the front end believes what is not so. Nothing here waits, and one thread does it all.
/// Source: QEMU docs/interop/vhost-user.rst; Linux arch/um/drivers/virtio_uml.c.
/// </remarks>
public sealed partial class VhostUserBackend : IDisposable
{
    private readonly VhostUserOptions _options;
    private readonly IVhostUserHost _host;
    private readonly VhostUserRing[] _rings = new VhostUserRing[VhostUserOptions.RingCount];
    private byte[] _config;
    private DescriptorSocket? _channel; // for what we ask
    private VhostUserProtocolFeatures _protocol;
    private ulong _accepted;     // what the driver took, bit 30 included
    private bool _isFeatured;    // SET_FEATURES has come
    private VirtioStatus? _told; // by SET_STATUS; null while it has not come
    private bool _wasKicked;     // since the device was stopped last

    /// <summary>Creates a back end that no front end is connected to.</summary>
    /// <param name="options">What device it is.</param>
    /// <param name="host">Who runs it.</param>
    public VhostUserBackend(VhostUserOptions options, IVhostUserHost host)
    {
        ArgumentNullException.ThrowIfNull(options);
        _options = options;
        _host = host;
        _config = options.Config.ToArray();
        for (int i = 0; i < _rings.Length; i++) _rings[i] = new VhostUserRing(i);
        Device = new VhostUserVdev(this);
    }

    /// <summary>The guest's memory.</summary>
    public GuestMemory Memory { get; } = new();

    /// <summary>The device, as its own half sees it.</summary>
    public VhostUserVdev Device { get; }

    /// <summary>Times that the device was stopped or reset while it had a driver.</summary>
    public long ResetCount { get; private set; }

    /// <summary>The device's features that the driver took.</summary>
    public ulong DriverFeatures => _accepted & ~VirtioFeatures.Mask(VhostUserFeatures.ProtocolFeatures);

    /// <summary>What of the protocol the front end took.</summary>
    public VhostUserProtocolFeatures ProtocolFeatures => _protocol;

    /// <summary>What was wrong when a call on the front end's channel could not be made; None while all is well.</summary>
    public VhostUserFault ChannelFault { get; private set; }

    /// <summary>The status byte: what the front end said, or what its other messages come to.</summary>
    public VirtioStatus Status
    {
        get
        {
            if (_told is { } told) return AreRingsReady ? told : told & ~VirtioStatus.DriverOk;
            if (!_isFeatured) return VirtioStatus.None;
            VirtioStatus status = VirtioStatus.Acknowledge | VirtioStatus.Driver;
            if ((_accepted & VirtioFeatures.Mask(VirtioFeatures.Version1)) != 0) status |= VirtioStatus.FeaturesOk;
            return AreRingsReady && (_wasKicked || _rings[0].Resumes) ? status | VirtioStatus.DriverOk : status;
        }
    }

    /// <summary>Whether the status has DRIVER_OK.</summary>
    public bool HasDriver => (Status & VirtioStatus.DriverOk) != 0;

    private bool AreRingsReady
    {
        get
        {
            foreach (VhostUserRing ring in _rings)
            {
                if (!ring.IsSetUp || !ring.IsEnabled) return false;
            }

            return true;
        }
    }

    /// <summary>Handles one request.</summary>
    /// <param name="header">Its header.</param>
    /// <param name="payload">Its payload, as long as the header says. Not trusted.</param>
    /// <param name="descriptors">What came with it; empty afterwards: taken over or closed.</param>
    /// <param name="reply">Where a reply goes, whole.</param>
    /// <param name="refused">Why it was refused, also where the front end was told so; None otherwise.</param>
    /// <returns>None; or why the connection must end.</returns>
    public VhostUserFault Handle(VhostUserHeader header, ReadOnlySpan<byte> payload, IList<SafeFileHandle> descriptors,
        ArrayBufferWriter<byte> reply, out VhostUserFault refused)
    {
        ArgumentNullException.ThrowIfNull(descriptors);
        ArgumentNullException.ThrowIfNull(reply);
        refused = VhostUserFault.UnexpectedReply;
        if ((header.Flags & VhostUserHeader.Reply) != 0)
        {
            CloseAll(descriptors);
            return refused;
        }

        if (_host.WantsNotes) _host.Note(VhostUserText.Describe(header, payload));
        int before = reply.WrittenCount;
        refused = Dispatch((VhostUserRequest)header.Request, payload, descriptors, reply);
        if (refused == VhostUserFault.None && descriptors.Count > 0) refused = VhostUserFault.BadDescriptorCount;
        CloseAll(descriptors);
        if (reply.WrittenCount != before) return VhostUserFault.None; // it has its answer
        // Asked afterwards: Linux wants SET_PROTOCOL_FEATURES itself acknowledged, the request that makes it possible.
        bool wantsAck = (header.Flags & VhostUserHeader.NeedReply) != 0 && Has(VhostUserProtocolFeatures.ReplyAck);
        if (!wantsAck) return refused;
        Reply(reply, (VhostUserRequest)header.Request, refused == VhostUserFault.None ? 0ul : 1ul);
        return VhostUserFault.None;
    }

    /// <summary>Something has come on a kick descriptor, or it was closed.</summary>
    /// <param name="ring">Whose.</param>
    public void OnKickDescriptor(int ring)
    {
        if (_rings[ring].Kick is not { } kick) return;
        bool isAlive = kick.TryTake(out bool rang);
        if (rang) OnKick(ring);
        if (!isAlive) DropKick(_rings[ring]);
    }

    /// <summary>The device half has something for the driver of a ring.</summary>
    /// <param name="ring">The ring; of one that does not exist nobody hears.</param>
    public void Call(int ring)
    {
        if ((uint)ring >= (uint)_rings.Length) return;
        if (_host.WantsNotes) _host.Note($"call {ring}");
        if (_rings[ring].Call is { } call)
        {
            _ = call.Ring(); // who has closed it wants no calls
            return;
        }

        if (!Has(VhostUserProtocolFeatures.InbandNotifications)) return;
        Span<byte> payload = stackalloc byte[8];
        BinaryPrimitives.WriteInt32LittleEndian(payload, ring);
        BinaryPrimitives.WriteInt32LittleEndian(payload[4..], 0);
        Ask(VhostUserBackendRequest.VringCall, payload);
    }

    /// <summary>The program behind the device has started anew: its rings go on where they are.</summary>
    public void OnProgramRestarted()
    {
        ResetCount++;
        foreach (VhostUserRing ring in _rings) ring.Resumes = true;
    }

    /// <summary>The front end has gone: descriptors are closed, memory is unmapped, and nothing is settled any more.</summary>
    public void Disconnect()
    {
        Stop();
        _told = null;
        _isFeatured = false;
        _accepted = 0;
        _protocol = VhostUserProtocolFeatures.None;
        ChannelFault = VhostUserFault.None;
        _config = _options.Config.ToArray();
        foreach (VhostUserRing ring in _rings)
        {
            DropKick(ring);
            ring.IsEnabled = ring.Resumes = false;
            ring.Size = 0;
            ring.ForgetAddress();
            ring.Dispose();
        }

        _channel?.Dispose();
        _channel = null;
        _host.DeviceChanged();
        Memory.Dispose();
    }

    /// <inheritdoc/>
    public void Dispose() => Disconnect();

    internal RemoteVring DescribeRing(int index) => _rings[index].Describe(Memory);

    internal bool TryReadConfig(int offset, Span<byte> destination)
    {
        if (offset < 0 || offset > _config.Length - destination.Length) return false;
        _config.AsSpan(offset, destination.Length).CopyTo(destination);
        return true;
    }

    internal bool TryWriteConfig(int offset, ReadOnlySpan<byte> source)
    {
        if (offset < 0 || offset > _config.Length - source.Length) return false;
        source.CopyTo(_config.AsSpan(offset));
        if (Has(VhostUserProtocolFeatures.Config)) Ask(VhostUserBackendRequest.ConfigChange, []);
        return true;
    }

    internal bool SetNeedsReset()
    {
        if (_told is null) return false;
        _told |= VirtioStatus.NeedsReset;
        if (Has(VhostUserProtocolFeatures.Config)) Ask(VhostUserBackendRequest.ConfigChange, []);
        return true;
    }

    private static void CloseAll(IList<SafeFileHandle> descriptors)
    {
        foreach (SafeFileHandle descriptor in descriptors) descriptor.Dispose();
        descriptors.Clear();
    }

    private bool Has(VhostUserProtocolFeatures feature) => (_protocol & feature) != 0;

    private void OnKick(int ring)
    {
        if (_host.WantsNotes) _host.Note($"kick {ring} avail {_rings[ring].ReadAvailIndex(Memory)}");
        bool isNew = !_wasKicked;
        _wasKicked = true;
        if (isNew) _host.DeviceChanged();
        _host.Kicked(ring);
    }

    /// <summary>The driver has gone, or is about to: what the device half has of it is void when this returns.</summary>
    private void Stop()
    {
        if (!HasDriver && !_wasKicked) return;
        if (HasDriver)
        {
            ResetCount++;
            foreach (VhostUserRing ring in _rings) ring.Resumes = true; // unless the front end says where to begin
        }

        _wasKicked = false;
    }

    private void DropKick(VhostUserRing ring)
    {
        if (ring.Kick is not { } kick) return;
        _host.UnwatchKick(kick);
        kick.Dispose();
        ring.Kick = null;
    }

    private void Ask(VhostUserBackendRequest request, ReadOnlySpan<byte> payload)
    {
        if (_channel is null) return;
        Span<byte> message = stackalloc byte[VhostUserHeader.SizeBytes + payload.Length];
        new VhostUserHeader((uint)request, VhostUserHeader.Version, (uint)payload.Length).Write(message);
        payload.CopyTo(message[VhostUserHeader.SizeBytes..]);
        SocketStatus status = _channel.Send(message);
        if (status == SocketStatus.WouldBlock) ChannelFault = VhostUserFault.DoesNotRead;
    }

    private static void Reply(ArrayBufferWriter<byte> reply, VhostUserRequest request, ulong value)
    {
        Span<byte> payload = stackalloc byte[sizeof(ulong)];
        BinaryPrimitives.WriteUInt64LittleEndian(payload, value);
        Reply(reply, request, payload);
    }

    private static void Reply(ArrayBufferWriter<byte> reply, VhostUserRequest request, ReadOnlySpan<byte> payload)
    {
        Span<byte> message = reply.GetSpan(VhostUserHeader.SizeBytes + payload.Length);
        new VhostUserHeader((uint)request, VhostUserHeader.Version | VhostUserHeader.Reply, (uint)payload.Length).Write(message);
        payload.CopyTo(message[VhostUserHeader.SizeBytes..]);
        reply.Advance(VhostUserHeader.SizeBytes + payload.Length);
    }

    private bool TryRing(ReadOnlySpan<byte> payload, [NotNullWhen(true)] out VhostUserRing? ring)
    {
        uint index = BinaryPrimitives.ReadUInt32LittleEndian(payload);
        ring = index < (uint)_rings.Length ? _rings[index] : null;
        return ring is not null;
    }
}
