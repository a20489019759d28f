using System;
using System.Collections.Generic;
using System.Numerics;
using RemoteprocEmu.Rpmsg.Wire;

namespace RemoteprocEmu.Rpmsg.Remote;

/// <summary>The endpoints of the remote half, by address. Dynamic addresses are OpenAMP's: 128 from 1024 on, next fit.</summary>
/// <remarks>Source: open-amp lib/rpmsg/rpmsg.c, rpmsg_get_address; lib/include/openamp/rpmsg.h, RPMSG_ADDR_BMP_SIZE.</remarks>
internal sealed class RemoteEndpointTable
{
    public const int DynamicCount = 128;

    private RemoteEndpoint?[] _dynamic = new RemoteEndpoint?[4]; // from 1024 on, as many as were ever needed, up to DynamicCount
    private Dictionary<uint, RemoteEndpoint>? _fixed; // looked up, never walked; most vdevs never have one
    private readonly List<RemoteEndpoint> _all = [];
    private int _next;

    /// <summary>All of them, in order of creation.</summary>
    public List<RemoteEndpoint> All => _all;

    public RemoteEndpoint? Find(RpmsgAddress address)
    {
        uint slot = address.Value - RpmsgAddress.FirstDynamic.Value; // below 1024: wraps, far above DynamicCount
        return slot < (uint)_dynamic.Length ? _dynamic[slot] : _fixed?.GetValueOrDefault(address.Value);
    }

    /// <summary>The next free dynamic address; ANY when all are taken.</summary>
    public RpmsgAddress Choose()
    {
        for (int step = 0; step < DynamicCount; step++)
        {
            int slot = (_next + step) % DynamicCount;
            if (slot < _dynamic.Length && _dynamic[slot] is not null) continue;
            _next = (slot + 1) % DynamicCount;
            return new RpmsgAddress(RpmsgAddress.FirstDynamic.Value + (uint)slot);
        }

        return RpmsgAddress.Any;
    }

    public void Add(RemoteEndpoint endpoint)
    {
        uint slot = endpoint.Address.Value - RpmsgAddress.FirstDynamic.Value;
        if (slot >= _dynamic.Length && slot < DynamicCount) Array.Resize(ref _dynamic, (int)BitOperations.RoundUpToPowerOf2(slot + 1));
        if (slot < DynamicCount) _dynamic[slot] = endpoint;
        else (_fixed ??= []).Add(endpoint.Address.Value, endpoint);
        _all.Add(endpoint);
    }

    public void Remove(RemoteEndpoint endpoint)
    {
        uint slot = endpoint.Address.Value - RpmsgAddress.FirstDynamic.Value;
        if (slot < DynamicCount) _dynamic[slot] = null;
        else _ = _fixed!.Remove(endpoint.Address.Value); // it is there: the caller looked
        _ = _all.Remove(endpoint);
    }
}
