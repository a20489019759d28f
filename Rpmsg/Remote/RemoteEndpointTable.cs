using System;
using System.Collections.Generic;
using System.Numerics;
using System.Runtime.CompilerServices;
using RemoteprocEmu.Rpmsg.Wire;

namespace RemoteprocEmu.Rpmsg.Remote;

/// <summary>The endpoints of the remote half, by address. Dynamic addresses are OpenAMP's: 128 from 1024 on, next fit.</summary>
/// <remarks>Source: open-amp lib/rpmsg/rpmsg.c, rpmsg_get_address; lib/include/openamp/rpmsg.h, RPMSG_ADDR_BMP_SIZE.</remarks>
internal sealed class RemoteEndpointTable
{
    public const int DynamicCount = 128;

    private const int DenseCountMax = 4096;

    private RemoteEndpoint?[] _dense = new RemoteEndpoint?[4]; // from 1024 on, as many as were ever needed, up to DenseCountMax
    private Dictionary<uint, RemoteEndpoint>? _sparse; // looked up, never walked; most vdevs never have one
    private readonly List<RemoteEndpoint> _all = [];
    private int _next;

    /// <summary>All of them, in order of creation.</summary>
    public List<RemoteEndpoint> All => _all;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public RemoteEndpoint? Find(RpmsgAddress address)
    {
        uint slot = address.Value - RpmsgAddress.FirstDynamic.Value; // below 1024: wraps, far above DenseCountMax
        RemoteEndpoint?[] dense = _dense;
        return slot < (uint)dense.Length ? dense[slot] : FindSparse(address);
    }

    /// <summary>The next free dynamic address; ANY when all are taken.</summary>
    public RpmsgAddress Choose()
    {
        for (int step = 0; step < DynamicCount; step++)
        {
            int slot = (_next + step) % DynamicCount;
            if (slot < _dense.Length && _dense[slot] is not null) continue;
            _next = (slot + 1) % DynamicCount;
            return new RpmsgAddress(RpmsgAddress.FirstDynamic.Value + (uint)slot);
        }

        return RpmsgAddress.Any;
    }

    public void Add(RemoteEndpoint endpoint)
    {
        uint slot = endpoint.Address.Value - RpmsgAddress.FirstDynamic.Value;
        if (slot >= _dense.Length && slot < DenseCountMax) Array.Resize(ref _dense, (int)BitOperations.RoundUpToPowerOf2(slot + 1));
        if (slot < DenseCountMax) _dense[slot] = endpoint;
        else (_sparse ??= []).Add(endpoint.Address.Value, endpoint);
        _all.Add(endpoint);
    }

    public void Remove(RemoteEndpoint endpoint)
    {
        uint slot = endpoint.Address.Value - RpmsgAddress.FirstDynamic.Value;
        if (slot < DenseCountMax) _dense[slot] = null;
        else _ = _sparse!.Remove(endpoint.Address.Value); // it is there: the caller looked
        _ = _all.Remove(endpoint);
    }

    private RemoteEndpoint? FindSparse(RpmsgAddress address) => _sparse?.GetValueOrDefault(address.Value);
}
