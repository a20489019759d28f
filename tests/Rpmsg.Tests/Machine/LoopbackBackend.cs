using System;
using System.Collections.Generic;
using System.Threading.Tasks;
using RemoteprocEmu.DriverModel.Devices;
using RemoteprocEmu.DriverModel.Nodes;
using RemoteprocEmu.Platform;
using RemoteprocEmu.Rpmsg.Bus;
using RemoteprocEmu.Rpmsg.Wire;

namespace RemoteprocEmu.Rpmsg.Tests.Machine;

/// <summary>Another transport than virtio, of the kind of GLINK: with flow control, a poll, and device tree nodes.</summary>
internal sealed class LoopbackBackend(RpmsgBus bus, Device parent) : IRpmsgBackend
{
    private readonly List<RpmsgEndpoint> _endpoints = [];

    public int MtuBytes => 64;

    /// <summary>What the remote was told, in order.</summary>
    public List<string> Told { get; } = [];

    public async ValueTask<RpmsgDevice> AddAsync(string name, string? compatible = null)
    {
        RpmsgChannelInfo info = new(name, RpmsgAddress.Any, new RpmsgAddress(7));
        RpmsgDevice channel = new(bus, parent, this, info) { Compatible = compatible };
        _ = await channel.AddAsync();
        return channel;
    }

    /// <summary>The remote wants less, or no longer minds.</summary>
    public void Restrict(bool isRestricted)
    {
        foreach (RpmsgEndpoint endpoint in _endpoints) endpoint.FlowHandler?.Invoke(endpoint, isRestricted);
    }

    public ValueTask<RpmsgDevice?> CreateChannelAsync(RpmsgChannelInfo info) => default;

    public ValueTask<Errno> ReleaseChannelAsync(RpmsgChannelInfo info) => new(Errno.EINVAL);

    public RpmsgEndpoint? CreateEndpoint(RpmsgDevice device, RpmsgMessageHandler handler, RpmsgAddress address)
    {
        RpmsgEndpoint endpoint = new(device, handler, address.IsAny ? RpmsgAddress.FirstDynamic : address);
        _endpoints.Add(endpoint);
        return endpoint;
    }

    public ValueTask DestroyEndpointAsync(RpmsgEndpoint endpoint)
    {
        _ = _endpoints.Remove(endpoint);
        return ValueTask.CompletedTask;
    }

    public ValueTask<Errno> AnnounceCreateAsync(RpmsgDevice device) => new(Errno.Ok);

    public ValueTask<Errno> AnnounceDestroyAsync(RpmsgDevice device) => new(Errno.Ok);

    public Errno TrySend(RpmsgEndpoint endpoint, RpmsgAddress source, RpmsgAddress destination, ReadOnlySpan<byte> payload) => Errno.Ok;

    public ValueTask<Errno> SendAsync(
        RpmsgEndpoint endpoint, RpmsgAddress source, RpmsgAddress destination, ReadOnlyMemory<byte> payload) => new(Errno.Ok);

    public Errno SetFlowControl(RpmsgEndpoint endpoint, bool pause, RpmsgAddress destination)
    {
        Told.Add($"{destination} {(pause ? "stop" : "go on")}");
        return Errno.Ok;
    }

    public PollEvents Poll(RpmsgEndpoint endpoint) => PollEvents.Out | PollEvents.WrNorm;

    public Errno TryReserve(RpmsgEndpoint endpoint, out RpmsgTxBuffer buffer) => throw new NotSupportedException();

    public ValueTask<(Errno Errno, RpmsgTxBuffer Buffer)> ReserveAsync(RpmsgEndpoint endpoint) => throw new NotSupportedException();

    public Errno Commit(in RpmsgTxBuffer buffer, RpmsgAddress source, RpmsgAddress destination, int lengthBytes) =>
        throw new NotSupportedException();

    public void Cancel(in RpmsgTxBuffer buffer) => throw new NotSupportedException();

    public Span<byte> PayloadOf(scoped in RpmsgTxBuffer buffer) => throw new NotSupportedException();

    public ReadOnlySpan<byte> PayloadOf(scoped in RpmsgMessage message) => throw new NotSupportedException();

    public Memory<byte> MemoryOf(in RpmsgTxBuffer buffer) => throw new NotSupportedException();

    public ReadOnlyMemory<byte> MemoryOf(in RpmsgMessage message) => throw new NotSupportedException();

    public void Hold(in RpmsgMessage message) => throw new NotSupportedException();

    public void Release(in RpmsgMessage message) => throw new NotSupportedException();
}
