using System;
using System.Buffers.Binary;
using System.Text;
using System.Threading.Tasks;
using RemoteprocEmu.Platform;
using RemoteprocEmu.Rpmsg.Bus;
using RemoteprocEmu.Rpmsg.Remote;
using RemoteprocEmu.Rpmsg.Tests.Machine;
using RemoteprocEmu.Rpmsg.Wire;
using RemoteprocEmu.Virtio.Device;
using Xunit;

namespace RemoteprocEmu.Rpmsg.Tests.VirtioBackend;

/// <summary>A big-endian host: without VERSION_1 the byte order is the driver's.</summary>
public sealed class ByteOrderTests : IDisposable
{
    private readonly RpmsgMachine _machine = new() { VirtioRpmsgBus = { HostIsBigEndian = true } };

    public void Dispose() => _machine.Dispose();

    [Fact]
    public void RM_39_a_big_endian_host_reads_announcements_the_other_way_round() => _machine.Run(8, async () =>
    {
        RecordingDriver driver = new("x");
        Assert.Equal(Errno.Ok, await _machine.Core.Bus.RegisterDriverAsync(driver));
        byte[] announcement = new byte[NameServiceMessage.SizeBytes];
        announcement[0] = (byte)'x';
        BinaryPrimitives.WriteUInt32BigEndian(announcement.AsSpan(32), 1030);
        await ReceiveAsync(0, source: 1030, destination: 53, announcement);
        RpmsgDevice channel = Assert.Single(_machine.Channels);
        Assert.Equal("virtio0.x.-1.1030", channel.Name);
        Assert.Equal(1030u, channel.Destination.Value);
        Assert.True(channel.IsBigEndian);

        await ReceiveAsync(1, source: 1030, destination: 1024, "hello"u8.ToArray());
        Assert.Equal(["probe 0x400", "0x406 hello"], driver.Events);

        BinaryPrimitives.WriteUInt32BigEndian(announcement.AsSpan(36), 1); // destroy
        await ReceiveAsync(2, source: 1030, destination: 53, announcement);
        Assert.Empty(_machine.Channels);
    });

    [Fact]
    public void RM_39_a_big_endian_host_announces_the_other_way_round() => _machine.Run(8, async () =>
    {
        Assert.Equal(Errno.Ok, await _machine.Core.Bus.RegisterDriverAsync(new RecordingDriver("x")));
        _ = await _machine.Control.CreateChannelAsync(new RpmsgChannelInfo("x", new RpmsgAddress(100), RpmsgAddress.Any));
        Span<byte> sent = _machine.Vdev.Buffers!.Memory.Span.Slice(8 * 512, 56);
        Assert.Equal("00000064" + "00000035" + "00000000" + "0028" + "0000", Convert.ToHexStringLower(sent[..16]));
        Assert.Equal("x", Encoding.ASCII.GetString(sent.Slice(16, 32)).TrimEnd('\0'));
        Assert.Equal("00000064" + "00000000", Convert.ToHexStringLower(sent.Slice(48, 8)));
    });

    [Fact]
    public void RM_39_with_VERSION_1_it_is_little_endian_everywhere() => _machine.Run(8, async () =>
    {
        await _machine.AnnounceAsync("x", 1030);
        Assert.Equal("virtio0.x.-1.1030", Assert.Single(_machine.Channels).Name);
    }, features: RpmsgMachine.NameService | VirtioFeatures.Mask(VirtioFeatures.Version1));

    /// <summary>A message as firmware of that byte order writes it, into the receive buffer that is next.</summary>
    private async ValueTask ReceiveAsync(int buffer, uint source, uint destination, byte[] payload)
    {
        Assert.Equal(RemoteStatus.Ok, _machine.Remote.TrySend(new RpmsgAddress(1), new RpmsgAddress(2), payload));
        Span<byte> bytes = _machine.Vdev.RxBuffer(buffer);
        BinaryPrimitives.WriteUInt32BigEndian(bytes, source);
        BinaryPrimitives.WriteUInt32BigEndian(bytes[4..], destination);
        BinaryPrimitives.WriteUInt16BigEndian(bytes[12..], (ushort)payload.Length);
        Assert.Equal(IrqReturn.Handled, await _machine.InterruptRxAsync());
    }
}
