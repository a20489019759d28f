using System;
using System.Buffers;
using System.Buffers.Binary;
using System.Collections.Generic;
using System.Numerics;
using Microsoft.Win32.SafeHandles;
using RemoteprocEmu.Interop.Native;
using RemoteprocEmu.Virtio.Device;
using RemoteprocEmu.Virtio.Ring;

namespace RemoteprocEmu.Interop.VhostUser;

/// <content>One method a request. Each judges everything before it changes anything.</content>
public sealed partial class VhostUserBackend
{
    private const int StateBytes = 8, AddressBytes = 40, ConfigHeaderBytes = 12, RegionHeaderBytes = 8;
    private const ulong RingNumberMask = 0xff, NoDescriptor = 0x100;

    private ulong Offered => _options.Features | VirtioFeatures.Mask(VhostUserFeatures.ProtocolFeatures);

    private VhostUserFault Dispatch(VhostUserRequest request, ReadOnlySpan<byte> payload, IList<SafeFileHandle> descriptors,
        ArrayBufferWriter<byte> reply)
    {
        if (PayloadBytes(request) is { } expected && expected != payload.Length) return VhostUserFault.BadLength;
        switch (request)
        {
            case VhostUserRequest.SetOwner:
                return VhostUserFault.None;
            case VhostUserRequest.GetFeatures:
                Reply(reply, request, Offered);
                return VhostUserFault.None;
            case VhostUserRequest.GetProtocolFeatures:
                Reply(reply, request, (ulong)_options.ProtocolFeatures);
                return VhostUserFault.None;
            case VhostUserRequest.GetQueueNum when IsOffered(VhostUserProtocolFeatures.Mq):
                Reply(reply, request, VhostUserOptions.RingCount);
                return VhostUserFault.None;
            case VhostUserRequest.SetFeatures:
                return SetFeatures(BinaryPrimitives.ReadUInt64LittleEndian(payload));
            case VhostUserRequest.SetProtocolFeatures:
                return SetProtocolFeatures(BinaryPrimitives.ReadUInt64LittleEndian(payload));
            case VhostUserRequest.SetBackendReqFd when IsOffered(VhostUserProtocolFeatures.BackendReq):
                return SetChannel(descriptors);
            case VhostUserRequest.SetMemTable:
                return SetMemTable(payload, descriptors);
            case VhostUserRequest.GetStatus when IsOffered(VhostUserProtocolFeatures.Status):
                Reply(reply, request, (ulong)Status);
                return VhostUserFault.None;
            case VhostUserRequest.SetStatus when IsOffered(VhostUserProtocolFeatures.Status):
                return SetStatus(BinaryPrimitives.ReadUInt64LittleEndian(payload));
            case VhostUserRequest.ResetOwner:
            case VhostUserRequest.ResetDevice when IsOffered(VhostUserProtocolFeatures.ResetDevice):
                return ResetDevice();
            case VhostUserRequest.GetConfig when IsOffered(VhostUserProtocolFeatures.Config):
                return GetConfig(payload, reply);
            case VhostUserRequest.SetConfig when IsOffered(VhostUserProtocolFeatures.Config):
                return SetConfig(payload);
            default:
                return DispatchRing(request, payload, descriptors, reply);
        }
    }

    private VhostUserFault DispatchRing(VhostUserRequest request, ReadOnlySpan<byte> payload, IList<SafeFileHandle> descriptors,
        ArrayBufferWriter<byte> reply)
    {
        bool hasRing = request is VhostUserRequest.SetVringNum or VhostUserRequest.SetVringAddr or VhostUserRequest.SetVringBase or
            VhostUserRequest.GetVringBase or VhostUserRequest.SetVringEnable or VhostUserRequest.VringKick;
        VhostUserRing? ring = null;
        if (hasRing && !TryRing(payload, out ring)) return VhostUserFault.NoSuchRing;
        uint number = hasRing ? BinaryPrimitives.ReadUInt32LittleEndian(payload[4..]) : 0;
        switch (request)
        {
            case VhostUserRequest.SetVringNum:
                if (HasDriver) return VhostUserFault.RingRuns;
                if (number is 0 or > SplitQueueLayout.QueueSizeMax || !BitOperations.IsPow2(number)) return VhostUserFault.BadRingSize;
                ring!.Size = number;
                return VhostUserFault.None;
            case VhostUserRequest.SetVringBase:
                if (HasDriver) return VhostUserFault.RingRuns;
                if (number > ushort.MaxValue) return VhostUserFault.BadValue;
                ring!.Resumes = number != 0;
                return VhostUserFault.None;
            case VhostUserRequest.SetVringAddr:
                return HasDriver ? VhostUserFault.RingRuns : SetAddress(ring!, payload);
            case VhostUserRequest.SetVringEnable:
                return SetEnable(ring!, number);
            case VhostUserRequest.GetVringBase:
                GetBase(ring!, reply);
                return VhostUserFault.None;
            case VhostUserRequest.SetVringKick or VhostUserRequest.SetVringCall or VhostUserRequest.SetVringErr:
                return SetDescriptor(request, BinaryPrimitives.ReadUInt64LittleEndian(payload), descriptors);
            case VhostUserRequest.VringKick when Has(VhostUserProtocolFeatures.InbandNotifications):
                OnKick(ring!.Index);
                return VhostUserFault.None;
            default:
                return VhostUserFault.NotOffered;
        }
    }

    /// <summary>What a request's payload must be; null where it varies, or nobody knows the request.</summary>
    private static int? PayloadBytes(VhostUserRequest request) => request switch
    {
        VhostUserRequest.SetOwner or VhostUserRequest.ResetOwner or VhostUserRequest.ResetDevice or VhostUserRequest.SetBackendReqFd or
            VhostUserRequest.GetFeatures or VhostUserRequest.GetProtocolFeatures or VhostUserRequest.GetQueueNum or
            VhostUserRequest.GetStatus => 0,
        VhostUserRequest.SetFeatures or VhostUserRequest.SetProtocolFeatures or VhostUserRequest.SetStatus or
            VhostUserRequest.SetVringKick or VhostUserRequest.SetVringCall or VhostUserRequest.SetVringErr => sizeof(ulong),
        VhostUserRequest.SetVringNum or VhostUserRequest.SetVringBase or VhostUserRequest.GetVringBase or
            VhostUserRequest.SetVringEnable or VhostUserRequest.VringKick => StateBytes,
        VhostUserRequest.SetVringAddr => AddressBytes,
        _ => null,
    };

    private bool IsOffered(VhostUserProtocolFeatures feature) => (_options.ProtocolFeatures & feature) != 0;

    private VhostUserFault SetFeatures(ulong features)
    {
        if ((features & ~Offered) != 0) return VhostUserFault.FeatureNotOffered;
        if (HasDriver && features != _accepted) return VhostUserFault.RingRuns;
        _accepted = features;
        _isFeatured = true;
        return VhostUserFault.None;
    }

    private VhostUserFault SetProtocolFeatures(ulong features)
    {
        if ((features & ~(ulong)_options.ProtocolFeatures) != 0) return VhostUserFault.FeatureNotOffered;
        _protocol = (VhostUserProtocolFeatures)features;
        return VhostUserFault.None;
    }

    private VhostUserFault SetChannel(IList<SafeFileHandle> descriptors)
    {
        if (descriptors.Count != 1) return VhostUserFault.BadDescriptorCount;
        _channel?.Dispose();
        _channel = new DescriptorSocket(Take(descriptors));
        return VhostUserFault.None;
    }

    private VhostUserFault SetMemTable(ReadOnlySpan<byte> payload, IList<SafeFileHandle> descriptors)
    {
        if (payload.Length < RegionHeaderBytes) return VhostUserFault.BadLength;
        uint count = BinaryPrimitives.ReadUInt32LittleEndian(payload);
        if (count > GuestMemory.RegionCountMax) return VhostUserFault.TooManyRegions;
        int used = RegionHeaderBytes + ((int)count * VhostUserRegion.WireBytes);
        if (payload.Length < used) return VhostUserFault.BadLength; // longer is a table of fixed size: Linux sends room for one or two
        Span<VhostUserRegion> regions = stackalloc VhostUserRegion[(int)count];
        for (int i = 0; i < regions.Length; i++)
            regions[i] = VhostUserRegion.Read(payload[(RegionHeaderBytes + (i * VhostUserRegion.WireBytes))..]);
        return Memory.Replace(regions, descriptors);
    }

    private VhostUserFault SetStatus(ulong status)
    {
        if (status > byte.MaxValue) return VhostUserFault.BadValue;
        if (status == 0) return ResetDevice();
        _told = (VirtioStatus)status;
        _host.DeviceChanged();
        return VhostUserFault.None;
    }

    /// <summary>Memory, sockets and what was settled on stay; the rings must be set up anew.</summary>
    private VhostUserFault ResetDevice()
    {
        Stop();
        _told = _told is null ? null : VirtioStatus.None;
        foreach (VhostUserRing ring in _rings)
        {
            DropKick(ring);
            ring.IsEnabled = false;
            ring.Resumes = false;
            ring.ForgetAddress();
        }

        _host.DeviceChanged();
        return VhostUserFault.None;
    }

    private VhostUserFault SetAddress(VhostUserRing ring, ReadOnlySpan<byte> payload)
    {
        if (BinaryPrimitives.ReadUInt32LittleEndian(payload[4..]) != 0) return VhostUserFault.NotOffered; // logging
        ulong table = BinaryPrimitives.ReadUInt64LittleEndian(payload[8..]);
        ulong used = BinaryPrimitives.ReadUInt64LittleEndian(payload[16..]);
        ulong avail = BinaryPrimitives.ReadUInt64LittleEndian(payload[24..]);
        return ring.SetAddress(Memory, table, avail, used);
    }

    private VhostUserFault SetEnable(VhostUserRing ring, uint value)
    {
        if (value > 1) return VhostUserFault.BadValue;
        if (value == 0) Stop();
        ring.IsEnabled = value == 1;
        _host.DeviceChanged();
        return VhostUserFault.None;
    }

    private void GetBase(VhostUserRing ring, ArrayBufferWriter<byte> reply)
    {
        Stop();
        ushort position = ring.Resumes ? ring.ReadUsedIndex(Memory) : (ushort)0;
        DropKick(ring);
        ring.Call?.Dispose();
        ring.Call = null;
        if ((_accepted & VirtioFeatures.Mask(VhostUserFeatures.ProtocolFeatures)) == 0) ring.IsEnabled = false;
        ring.ForgetAddress();
        _host.DeviceChanged();
        Span<byte> payload = stackalloc byte[StateBytes];
        BinaryPrimitives.WriteInt32LittleEndian(payload, ring.Index);
        BinaryPrimitives.WriteInt32LittleEndian(payload[4..], position);
        Reply(reply, VhostUserRequest.GetVringBase, payload);
    }

    private VhostUserFault SetDescriptor(VhostUserRequest request, ulong value, IList<SafeFileHandle> descriptors)
    {
        if ((value & RingNumberMask) >= (ulong)_rings.Length) return VhostUserFault.NoSuchRing;
        if ((value & ~(RingNumberMask | NoDescriptor)) != 0) return VhostUserFault.BadValue;
        VhostUserRing ring = _rings[value & RingNumberMask];
        bool hasNone = (value & NoDescriptor) != 0;
        if (descriptors.Count != (hasNone ? 0 : 1)) return VhostUserFault.BadDescriptorCount;
        if (hasNone && request == VhostUserRequest.SetVringKick && !Has(VhostUserProtocolFeatures.InbandNotifications))
            return VhostUserFault.NotOffered; // to look at the ring all the time
        NotifyDescriptor? taken = hasNone ? null : new NotifyDescriptor(Take(descriptors));
        if (request == VhostUserRequest.SetVringCall)
        {
            ring.Call?.Dispose();
            ring.Call = taken;
        }
        else if (request == VhostUserRequest.SetVringErr)
        {
            ring.Error?.Dispose();
            ring.Error = taken;
        }
        else
        {
            DropKick(ring);
            ring.Kick = taken;
            if (taken is not null) _host.WatchKick(ring.Index, taken);
            if ((_accepted & VirtioFeatures.Mask(VhostUserFeatures.ProtocolFeatures)) == 0) ring.IsEnabled = true;
            _host.DeviceChanged();
        }

        return VhostUserFault.None;
    }

    private VhostUserFault GetConfig(ReadOnlySpan<byte> payload, ArrayBufferWriter<byte> reply)
    {
        if (payload.Length < ConfigHeaderBytes) return VhostUserFault.BadLength;
        uint offset = BinaryPrimitives.ReadUInt32LittleEndian(payload);
        uint lengthBytes = BinaryPrimitives.ReadUInt32LittleEndian(payload[4..]);
        if (lengthBytes != payload.Length - ConfigHeaderBytes) return VhostUserFault.BadLength;
        byte[] answer = payload.ToArray();
        bool isThere = offset <= int.MaxValue && TryReadConfig((int)offset, answer.AsSpan(ConfigHeaderBytes));
        Reply(reply, VhostUserRequest.GetConfig, isThere ? answer : []); // nothing: that is how "not there" is said
        return isThere ? VhostUserFault.None : VhostUserFault.BadValue;
    }

    private VhostUserFault SetConfig(ReadOnlySpan<byte> payload)
    {
        if (payload.Length < ConfigHeaderBytes) return VhostUserFault.BadLength;
        uint offset = BinaryPrimitives.ReadUInt32LittleEndian(payload);
        ReadOnlySpan<byte> bytes = payload[ConfigHeaderBytes..];
        if (BinaryPrimitives.ReadUInt32LittleEndian(payload[4..]) != bytes.Length) return VhostUserFault.BadLength;
        if (offset > int.MaxValue || offset > _config.Length - bytes.Length) return VhostUserFault.BadValue;
        bytes.CopyTo(_config.AsSpan((int)offset));
        return VhostUserFault.None;
    }

    private static SafeFileHandle Take(IList<SafeFileHandle> descriptors)
    {
        SafeFileHandle descriptor = descriptors[0];
        descriptors.RemoveAt(0);
        return descriptor;
    }
}
