using System;
using System.Collections.Generic;
using System.Linq;
using RemoteprocEmu.Platform.Tasks;
using RemoteprocEmu.Rpmsg.Remote;
using RemoteprocEmu.Rpmsg.Remote.Profiles;
using RemoteprocEmu.Rpmsg.Wire;
using Xunit;

namespace RemoteprocEmu.Rpmsg.Tests.Remote;

/// <summary>The remote half as firmware for OpenAMP and for rpmsg-lite knows it: their lengths, waits and values.</summary>
public sealed class ProfileTests : IDisposable
{
    private const long SecondNs = 1_000_000_000;
    private static readonly RpmsgAddress Peer = new(0x500);

    private readonly HostDouble _host = new();
    private readonly VirtualScheduler _scheduler = new();
    private readonly RemoteRpmsg _remote;
    private readonly OpenAmpRpmsg _openAmp;
    private readonly RpmsgLite _lite;

    public ProfileTests()
    {
        _remote = new RemoteRpmsg(_scheduler, _host.Memory, _host, _host.Kicks.Add);
        _openAmp = new OpenAmpRpmsg(_remote);
        _lite = new RpmsgLite(_remote, _host.GetVring(0).NotifyId);
    }

    public void Dispose() => _host.Dispose();

    [Fact]
    public void OpenAMP_cuts_off_what_is_too_long_and_returns_what_it_sent()
    {
        _host.Probe();
        RemoteEndpoint endpoint = Endpoint();
        byte[] data = [.. Enumerable.Range(0, 600).Select(static i => (byte)i)];
        Assert.Equal(496, _openAmp.TrySend(endpoint, data));
        (int _, RpmsgHeader header, byte[] payload, uint _) = _host.Receive()!.Value;
        Assert.Equal((496, Peer), (header.LengthBytes, header.Destination));
        Assert.Equal(data[..496], payload);
        Assert.Equal(3, _openAmp.TrySendTo(endpoint, new RpmsgAddress(9), "abc"u8));
    }

    [Fact]
    public void OpenAMP_waits_15_s_for_a_buffer_in_steps_of_a_millisecond() => _scheduler.Run(async () =>
    {
        _host.Probe();
        RemoteEndpoint endpoint = Endpoint();
        int sent = 0;
        while (_openAmp.TrySend(endpoint, "x"u8) == 1) sent++;
        Assert.True(sent > 1);
        Assert.Equal(OpenAmpStatus.NoBuff, _openAmp.TrySend(endpoint, "x"u8));
        Assert.Equal(OpenAmpStatus.NoBuff, await _openAmp.SendAsync(endpoint, "x"u8.ToArray()));
        Assert.Equal(15 * SecondNs, _scheduler.NowNs);
    });

    [Fact]
    public void OpenAMP_has_its_own_value_for_each_failure()
    {
        Assert.Equal(OpenAmpStatus.NoBuff, _openAmp.TrySendOffchannel(new RpmsgAddress(1), Peer, "x"u8)); // no driver yet
        _host.Probe();
        Assert.Equal(OpenAmpStatus.Param, _openAmp.TrySendOffchannel(new RpmsgAddress(1), RpmsgAddress.Any, "x"u8));
        Assert.Equal(OpenAmpStatus.Param, Create(new RpmsgAddress(1024 + 128)));
        Assert.Equal(OpenAmpStatus.Success, Create(new RpmsgAddress(1024)));
        Assert.Equal(OpenAmpStatus.Addr, Create(new RpmsgAddress(1024)));
        for (int i = 0; i < 127; i++) Assert.Equal(OpenAmpStatus.Success, Create(RpmsgAddress.Any));
        Assert.Equal(OpenAmpStatus.Addr, Create(RpmsgAddress.Any));

        Assert.Equal(496, _openAmp.TryGetTxPayloadBuffer(out RemoteTxBuffer buffer));
        Assert.Equal(OpenAmpStatus.BuffSize, _openAmp.SendNocopy(buffer, new RpmsgAddress(1), Peer, 497));
        Assert.Equal(OpenAmpStatus.Param, _openAmp.SendNocopy(buffer, new RpmsgAddress(1), RpmsgAddress.Any, 4));
        Assert.Equal(4, _openAmp.SendNocopy(buffer, new RpmsgAddress(1), Peer, 4));

        int Create(RpmsgAddress address) => _openAmp.CreateEndpoint("", address, Peer, static (_, in _) => { }, null, out _);
    }

    [Fact]
    public void OpenAMP_calls_unbind_when_the_host_takes_the_peer_back()
    {
        _host.Probe();
        List<string> events = [];
        Assert.Equal(OpenAmpStatus.Success, _openAmp.CreateEndpoint("svc", RpmsgAddress.Any, RpmsgAddress.Any, static (_, in _) => { },
            endpoint => events.Add($"unbind {endpoint.Destination.IsAny}"), out RemoteEndpoint? created));
        SendNameService("svc", NameServiceFlags.Create);
        Assert.Equal(Peer, created!.Destination);
        SendNameService("svc", NameServiceFlags.Destroy);
        Assert.Equal(["unbind True"], events);
        _openAmp.DestroyEndpoint(created);
        Assert.True(created.IsDestroyed);
    }

    [Fact]
    public void OpenAMP_destroys_an_endpoint_also_when_the_host_cannot_be_told()
    {
        _host.Probe();
        Assert.Equal(OpenAmpStatus.Success,
            _openAmp
                .CreateEndpoint("svc", RpmsgAddress.Any, RpmsgAddress.Any, static (_, in _) => { }, null, out RemoteEndpoint? endpoint));
        while (_openAmp.TrySendTo(endpoint!, Peer, "x"u8) == 1) { }
        Assert.Equal(RemoteStatus.NoBuffer, _remote.DestroyEndpoint(endpoint!));
        Assert.False(endpoint!.IsDestroyed);
        _openAmp.DestroyEndpoint(endpoint);
        Assert.True(endpoint.IsDestroyed);
    }

    [Fact]
    public void Rpmsg_lite_s_link_is_up_with_the_first_kick_of_the_ring_on_which_it_sends() => _scheduler.Run(async () =>
    {
        _host.Probe(); // DRIVER_OK is there, and rpmsg-lite does not look at it
        RemoteEndpoint endpoint = _lite.CreateEndpoint(RpmsgAddress.Any, static (_, in _) => { })!;
        Assert.Equal(RpmsgLiteStatus.NotReady, await _lite.SendAsync(endpoint, Peer, "x"u8.ToArray(), 0));
        Assert.Equal(RpmsgLiteStatus.NotReady, _lite.Announce(endpoint, "svc", NameServiceFlags.Create));
        Assert.Equal(0, _lite.TryAllocTxBuffer(out _));
        Assert.False(await _lite.WaitForLinkUpAsync(5_000_000));
        _lite.OnKick(_host.GetVring(1).NotifyId);
        Assert.False(_lite.IsLinkUp);

        bool isUp = false;
        KernelTask firmware = _scheduler.Spawn("firmware", async () => isUp = await _lite.WaitForLinkUpAsync());
        await _scheduler.DelayAsync(1_000_000);
        _lite.OnKick(_host.GetVring(0).NotifyId);
        _ = await firmware.Ended.WaitAsync();
        Assert.True(isUp);
        Assert.Equal(RpmsgLiteStatus.Success, _lite.Announce(endpoint, "svc", NameServiceFlags.Create));
        Assert.Equal(RpmsgLiteStatus.Success, await _lite.SendAsync(endpoint, Peer, "x"u8.ToArray(), 0));
        Assert.Equal(RpmsgAddress.NameService, _host.Receive()!.Value.Header.Destination);
        Assert.Equal(Peer, _host.Receive()!.Value.Header.Destination);
    });

    [Fact]
    public void Rpmsg_lite_refuses_what_is_too_long_and_waits_as_long_as_it_is_told() => _scheduler.Run(async () =>
    {
        _host.Probe();
        _lite.OnKick(_host.GetVring(0).NotifyId);
        RemoteEndpoint endpoint = _lite.CreateEndpoint(new RpmsgAddress(30), static (_, in _) => { })!;
        Assert.Null(_lite.CreateEndpoint(new RpmsgAddress(30), static (_, in _) => { }));
        Assert.Equal(RpmsgLiteStatus.BuffSize, await _lite.SendAsync(endpoint, Peer, new byte[497], 0));
        Assert.Equal(RpmsgLiteStatus.Param, await _lite.SendAsync(endpoint, RpmsgAddress.Any, new byte[4], 0));
        while (await _lite.SendAsync(endpoint, Peer, "x"u8.ToArray(), 0) == RpmsgLiteStatus.Success) { }
        Assert.Equal(0, _scheduler.NowNs);
        Assert.Equal(RpmsgLiteStatus.NoMem, await _lite.SendAsync(endpoint, Peer, "x"u8.ToArray(), 7_000_000));
        Assert.Equal(7_000_000, _scheduler.NowNs);
    });

    [Fact]
    public void A_kick_for_each_message_or_one_for_all_is_the_firmware_s_choice()
    {
        foreach (bool perMessage in new[] { false, true })
        {
            using HostDouble host = new();
            RemoteRpmsg remote = new(_scheduler, host.Memory, host, host.Kicks.Add) { KicksPerMessage = perMessage };
            _ = remote.TryCreateEndpoint("", new RpmsgAddress(30),
                static (endpoint, in message) => _ = endpoint.TrySend(message.Payload), out _);
            host.Probe();
            for (int i = 0; i < 3; i++) Assert.Equal(Virtio.Ring.RingStatus.Ok, host.Send(i, Peer.Value, 30, "x"u8));
            host.Kicks.Clear();
            Assert.Equal(RemoteStatus.Ok, remote.Poll());
            Assert.Equal(perMessage ? 6 : 2, host.Kicks.Count); // back and forth: three answers and three buffers given back
        }
    }

    private RemoteEndpoint Endpoint()
    {
        Assert.Equal(OpenAmpStatus.Success,
            _openAmp.CreateEndpoint("", RpmsgAddress.Any, Peer, static (_, in _) => { }, null, out RemoteEndpoint? endpoint));
        return endpoint!;
    }

    private void SendNameService(string name, NameServiceFlags flags)
    {
        NameServiceMessage message = new(new RpmsgName(name), Peer, flags);
        Assert.Equal(Virtio.Ring.RingStatus.Ok, _host.Send(0, Peer.Value, RpmsgAddress.NameService.Value,
            System.Runtime.InteropServices.MemoryMarshal.AsBytes(new ReadOnlySpan<NameServiceMessage>(in message))));
        Assert.Equal(RemoteStatus.Ok, _remote.Poll());
    }
}
