using System;
using System.Collections.Generic;
using System.Runtime.CompilerServices;
using RemoteprocEmu.Platform;
using RemoteprocEmu.Platform.Tasks;
using RemoteprocEmu.Rpmsg.Bus;
using RemoteprocEmu.Rpmsg.Wire;

namespace RemoteprocEmu.Rpmsg.VirtioBackend;

/// <summary>The endpoints of one vdev, by address; the lowest free address is given out first. Kernel: virtproc_info.endpoints, an
/// idr.</summary>
internal sealed class EndpointTable(SharedState shared)
{
    private const int DenseCountMax = 4096;

    private readonly IdAllocator _addresses = new();
    private Dictionary<uint, RpmsgEndpoint>? _sparse; // looked up, never walked
    private RpmsgEndpoint?[] _dense = new RpmsgEndpoint?[16];       // from 1024 on

    /// <summary>Endpoints there are.</summary>
    public int Count => _addresses.Taken.Count;

    public RpmsgEndpoint? Find(RpmsgAddress address)
    {
        BeginFinding();
        return FindNext(address);
    }

    /// <summary>A batch of messages is about to find endpoints, with <see cref="FindNext"/>.</summary>
    public void BeginFinding() => shared.Read();

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public RpmsgEndpoint? FindNext(RpmsgAddress address)
    {
        uint slot = address.Value - RpmsgAddress.FirstDynamic.Value; // below 1024: wraps, far beyond the array
        RpmsgEndpoint?[] dense = _dense;
        return slot < (uint)dense.Length ? dense[slot] : FindSparse(address);
    }

    private RpmsgEndpoint? FindSparse(RpmsgAddress address) => _sparse?.GetValueOrDefault(address.Value);

    /// <summary>Takes an address.</summary>
    /// <param name="wanted">Exactly that; Any for the lowest free one from 1024 on.</param>
    /// <returns>The address; Any when it is taken, or is one that an idr cannot hold.</returns>
    public RpmsgAddress Take(RpmsgAddress wanted)
    {
        shared.Write();
        if (wanted.IsAny) return new RpmsgAddress((uint)_addresses.Take((int)RpmsgAddress.FirstDynamic.Value)); // -1, none left, is Any
        return wanted.Value <= int.MaxValue && _addresses.TakeExactly((int)wanted.Value) ? wanted : RpmsgAddress.Any;
    }

    public void Add(RpmsgEndpoint endpoint)
    {
        shared.Write();
        uint slot = endpoint.Address.Value - RpmsgAddress.FirstDynamic.Value;
        if (slot >= DenseCountMax)
        {
            (_sparse ??= []).Add(endpoint.Address.Value, endpoint);
            return;
        }

        if (slot >= (uint)_dense.Length)
        {
            int count = _dense.Length;
            while (slot >= (uint)count) count *= 2;
            Array.Resize(ref _dense, count);
        }

        _dense[slot] = endpoint;
    }

    /// <summary>Takes an endpoint out; its address is free at once.</summary>
    /// <returns>False when it is not in.</returns>
    public bool Remove(RpmsgEndpoint endpoint)
    {
        if (Find(endpoint.Address) != endpoint) return false;
        shared.Write();
        uint slot = endpoint.Address.Value - RpmsgAddress.FirstDynamic.Value;
        if (slot < DenseCountMax) _dense[slot] = null;
        else _ = _sparse!.Remove(endpoint.Address.Value); // it is in: found above
        _addresses.Release((int)endpoint.Address.Value);
        return true;
    }
}
