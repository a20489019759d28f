using System;
using RemoteprocEmu.Platform;
using RemoteprocEmu.Virtio.Device;
using RemoteprocEmu.Virtio.Direct;
using RemoteprocEmu.Virtio.Remote;
using Xunit;

namespace RemoteprocEmu.Virtio.Tests.Device;

/// <summary>The transport that has what remoteproc lacks: FEATURES_OK, generation, interrupts for configuration and NEEDS_RESET.</summary>
public sealed class DirectTransportTests : IDisposable
{
    private const ulong Version1 = 1UL << VirtioFeatures.Version1;

    private readonly DirectMachine _machine = new();

    public void Dispose() => _machine.Dispose();

    [Theory]
    [InlineData(0ul, 0x07)]
    [InlineData(Version1, 0x0f)]
    public void A_probe_goes_the_legal_way_to_its_end(ulong features, byte expected)
    {
        DirectTransport transport = _machine.Create(7, features);
        ProbeWith(transport, new PairDriver());
        Assert.Equal(expected, transport.Status);
        Assert.Equal(0, transport.RefusedWriteCount);
    }

    [Fact]
    public void A_feature_that_was_not_offered_keeps_FEATURES_OK_away()
    {
        DirectTransport transport = new(_machine.Bus, _machine.Bank, new DirectDevice(7)
        {
            Features = Version1 | 3,
            FeatureRules = new[] { new FeatureRule(1, 0) },
        });
        ProbeWith(transport, new PairDriver { Mask = 2 }); // takes bit 1 without bit 0, which it needs
        Assert.Equal(0x83, transport.Status);
        Assert.Equal(1, transport.RefusedWriteCount);
        Assert.Contains("pair virtio0: virtio: device refuses features: 3", _machine.LogText);
    }

    [Theory]
    [InlineData(1UL << VirtioFeatures.RingPacked, VirtioFeatures.RingPacked)]
    [InlineData(1UL << VirtioFeatures.InOrder, VirtioFeatures.InOrder)]
    [InlineData(1UL << VirtioFeatures.RingReset, VirtioFeatures.RingReset)]
    [InlineData(Version1 | (1UL << VirtioFeatures.RingPacked), -1)]
    [InlineData(1UL << VirtioFeatures.RingEventIdx, -1)]
    public void Bits_past_31_need_VERSION_1(ulong features, int expected) =>
        Assert.Equal(expected, VirtioFeatures.FirstBroken(features)?.Bit ?? -1);

    [Theory]
    [InlineData(0ul, 0x0800_0001ul)]    // legacy: the driver's table for legacy devices
    [InlineData(Version1, Version1 | 1)] // bit 27 is not in the other
    public void A_legacy_device_meets_the_driver_s_legacy_table(ulong offered, ulong expected)
    {
        DirectTransport transport = _machine.Create(7, offered | 0x0800_0001);
        ProbeWith(transport, new PairDriver { Mask = 1, LegacyMask = 0x0800_0001 });
        Assert.Equal(expected, transport.DriverFeatures);
    }

    [Fact]
    public void A_second_driver_after_a_failure_never_gets_the_device_to_work()
    {
        DirectTransport transport = _machine.Create(7, 0);
        PairDriver second = new("second");
        _machine.Run(async () =>
        {
            PairDriver first = new() { ProbeErrno = Errno.ENOMEM, CallsReady = false };
            Assert.Equal(Errno.Ok, await _machine.Bus.RegisterDriverAsync(first));
            Assert.Equal(Errno.Ok, await transport.RegisterAsync());
            Assert.Equal(0x83, transport.Status);
            Assert.Equal(Errno.Ok, await _machine.Bus.RegisterDriverAsync(second));
            Assert.Same(second, transport.Device!.Driver); // Linux does not look back
            Assert.Equal(0x83, transport.Status);          // the device does
            await transport.UnregisterAsync();
        });
        Assert.NotEqual(0, transport.RefusedWriteCount);
    }

    [Fact]
    public void A_change_of_the_configuration_reaches_the_driver_and_one_during_the_probe_when_that_has_ended()
    {
        DirectTransport transport = _machine.Create(7, 0, [1, 2]);
        IRemoteVdev half = transport;
        PairDriver driver = new()
        {
            DuringProbe = async () =>
            {
                Assert.True(half.TryWriteConfig(0, [3]));
                await _machine.SettleAsync();
            },
        };
        _machine.Run(async () =>
        {
            driver.IsHeard = () => Assert.True(driver.IsScanned);
            Assert.Equal(Errno.Ok, await _machine.Bus.RegisterDriverAsync(driver));
            Assert.Equal(Errno.Ok, await transport.RegisterAsync());
            Assert.Equal(1, driver.ConfigChangeCount);
            Assert.True(half.TryWriteConfig(1, [4]));
            Assert.False(half.TryWriteConfig(1, [4, 5]));
            await _machine.SettleAsync();
            Assert.Equal(2, driver.ConfigChangeCount);
            Assert.Equal(2u, transport.Generation);
            byte[] config = new byte[2];
            Assert.True(transport.Device!.TryReadConfig(0, config));
            Assert.Equal([3, 4], config);
            await _machine.Bus.UnregisterDriverAsync(driver);
            Assert.True(half.TryWriteConfig(0, [5]));
            await _machine.SettleAsync();
            Assert.Equal(2, driver.ConfigChangeCount);
            await transport.UnregisterAsync();
        });
    }

    [Fact]
    public void NEEDS_RESET_stays_until_a_new_probe_and_Linux_does_nothing_about_it()
    {
        DirectTransport transport = _machine.Create(7, 0);
        PairDriver driver = new();
        _machine.Run(async () =>
        {
            Assert.Equal(Errno.Ok, await transport.RegisterAsync());
            Assert.Equal(Errno.Ok, await _machine.Bus.RegisterDriverAsync(driver));
            Assert.True(transport.SetNeedsReset());
            await _machine.SettleAsync();
            Assert.Equal(1, driver.ConfigChangeCount); // VIRTIO 1.3, 2.1.2
            Assert.Equal(0x47, transport.Status);
            Assert.False(driver.Input.IsBroken);
            await _machine.Bus.UnregisterDriverAsync(driver);
            Assert.Equal(1, transport.Status);
            Assert.Equal(Errno.Ok, await _machine.Bus.RegisterDriverAsync(driver));
            Assert.Equal(7, transport.Status);
            await transport.UnregisterAsync();
            Assert.True(transport.SetNeedsReset()); // status 1: unregistered, and acknowledged
        });
    }

    private void ProbeWith(DirectTransport transport, PairDriver driver) => _machine.Run(async () =>
    {
        Assert.Equal(Errno.Ok, await _machine.Bus.RegisterDriverAsync(driver));
        Assert.Equal(Errno.Ok, await transport.RegisterAsync());
    });
}
