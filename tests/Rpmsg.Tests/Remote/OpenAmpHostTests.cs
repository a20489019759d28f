using System;
using System.Runtime.InteropServices;
using RemoteprocEmu.Platform.Tasks;
using RemoteprocEmu.Rpmsg.Remote;
using RemoteprocEmu.Rpmsg.Wire;
using RemoteprocEmu.Virtio.Ring;
using Xunit;

namespace RemoteprocEmu.Rpmsg.Tests.Remote;

/// <summary>What a remote does for an OpenAMP host, and while it polls.</summary>
public sealed class OpenAmpHostTests : IDisposable
{
    private readonly HostDouble _host = new();
    private readonly VirtualScheduler _scheduler = new();

    public void Dispose() => _host.Dispose();

    [Theory]
    [InlineData(false, 56u, 0u)]
    [InlineData(true, 512u, 26u)]
    public void A_used_length_is_the_buffers_where_the_host_lends_it_again_with_that_length(bool whole, uint received, uint sent)
    {
        RemoteRpmsg remote = new(_scheduler, _host.Memory, _host, _host.Kicks.Add) { ReturnsWholeBuffers = whole };
        Assert.Equal(RemoteStatus.Ok, remote.TryCreateEndpoint("echo", RpmsgAddress.Any, static (_, in _) => { }, out _));
        _host.Probe();
        _ = remote.Poll();
        Assert.Equal(received, _host.Receive()!.Value.UsedBytes); // the announcement, 40 bytes and a header
        _ = _host.Send(0, 1, 0x400, new byte[10]);
        _ = remote.Poll();
        Assert.Equal(RingStatus.Ok, _host.Driver(1).TryReclaim(out _, out uint used));
        Assert.Equal(sent, used);
    }

    [Theory]
    [InlineData(false, 0)]
    [InlineData(true, 1)]
    public void A_remote_that_polls_asks_for_no_kicks(bool polls, ushort flags)
    {
        RemoteRpmsg remote = new(_scheduler, _host.Memory, _host, _host.Kicks.Add) { Polls = polls };
        _host.Probe();
        Assert.Equal(RemoteStatus.Ok, remote.Poll());
        Assert.Equal(flags, MemoryMarshal.Read<ushort>(_host.Ring(1)[_host.Layout.UsedOffset..])); // VRING_USED_F_NO_NOTIFY
        _ = _host.Send(0, 1, 0x400, new byte[10]);
        Assert.Equal(!polls, _host.Driver(1).ShouldKick());
    }
}
