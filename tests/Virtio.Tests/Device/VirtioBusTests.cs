using System;
using System.Linq;
using RemoteprocEmu.Platform;
using RemoteprocEmu.Platform.Faults;
using RemoteprocEmu.Virtio.Device;
using Xunit;

namespace RemoteprocEmu.Virtio.Tests.Device;

/// <summary>Registration, the status protocol around a probe, feature negotiation, configuration space.</summary>
public sealed class VirtioBusTests
{
    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void A_good_probe_takes_the_status_through_0_1_3_7(bool driverCallsReady)
    {
        using VirtioMachine machine = new();
        PairDriver driver = new() { CallsReady = driverCallsReady };
        VirtioDevice device = machine.CreateDevice();
        machine.Run(async () =>
        {
            Assert.Equal(Errno.Ok, await machine.Bus.RegisterDriverAsync(driver));
            Assert.Equal(Errno.Ok, await machine.Bus.RegisterDeviceAsync(device));
        });
        Assert.Equal([0, 1, 3, 7], machine.Transport.StatusHistory);
        Assert.Same(driver, device.Driver);
        Assert.True(driver.IsScanned);
        Assert.Equal("virtio0", device.Name);
    }

    [Fact]
    public void Without_a_driver_the_status_stays_1_until_one_comes()
    {
        using VirtioMachine machine = new();
        VirtioDevice device = machine.CreateDevice();
        machine.Run(async () =>
        {
            Assert.Equal(Errno.Ok, await machine.Bus.RegisterDeviceAsync(device));
            Assert.Equal([0, 1], machine.Transport.StatusHistory);
            Assert.Equal(Errno.Ok, await machine.Bus.RegisterDriverAsync(new PairDriver()));
        });
        Assert.Equal([0, 1, 3, 7], machine.Transport.StatusHistory);
    }

    [Theory]
    [InlineData(false, new byte[] { 0, 1, 3, 0x83 })]
    [InlineData(true, new byte[] { 0, 1, 3, 7, 0x87 })]
    public void A_failed_probe_leaves_FAILED_and_an_unbound_device(bool readyFirst, byte[] expected)
    {
        using VirtioMachine machine = new();
        PairDriver driver = new() { CallsReady = readyFirst, ProbeErrno = Errno.ENOMEM };
        VirtioDevice device = machine.CreateDevice();
        machine.Run(async () =>
        {
            Assert.Equal(Errno.Ok, await machine.Bus.RegisterDriverAsync(driver));
            Assert.Equal(Errno.Ok, await machine.Bus.RegisterDeviceAsync(device));
        });
        Assert.Equal(expected, machine.Transport.StatusHistory);
        Assert.Null(device.Driver);
        Assert.True(device.IsAdded);
        Assert.False(driver.IsScanned);
        Assert.Contains("pair: probe of virtio0 failed with error -12", machine.LogText);
    }

    [Fact]
    public void A_third_queue_that_the_transport_does_not_have_fails_the_probe_and_leaves_none()
    {
        using VirtioMachine machine = new();
        machine.Transport.QueueCountMax = 1;
        VirtioDevice device = machine.CreateDevice();
        machine.Run(async () =>
        {
            Assert.Equal(Errno.Ok, await machine.Bus.RegisterDriverAsync(new PairDriver()));
            Assert.Equal(Errno.Ok, await machine.Bus.RegisterDeviceAsync(device));
        });
        Assert.Equal(0x83, machine.Transport.StatusHistory[^1]);
        Assert.Empty(device.Virtqueues);
        Assert.Equal(0, machine.Bank.LiveBytes);
    }

    [Fact]
    public void After_a_remove_the_status_is_0_and_then_1_and_another_probe_may_follow()
    {
        using VirtioMachine machine = new();
        PairDriver driver = new();
        VirtioDevice device = machine.CreateDevice();
        machine.Run(async () =>
        {
            Assert.Equal(Errno.Ok, await machine.Bus.RegisterDriverAsync(driver));
            Assert.Equal(Errno.Ok, await machine.Bus.RegisterDeviceAsync(device));
            Assert.Equal(2, device.Virtqueues.Count);
            machine.Transport.StatusHistory.Clear();
            await machine.Bus.UnregisterDriverAsync(driver);
            Assert.Equal([0, 1], machine.Transport.StatusHistory);
            Assert.Empty(device.Virtqueues);
            Assert.Equal(Errno.Ok, await machine.Bus.RegisterDriverAsync(driver));
        });
        Assert.Equal([0, 1, 3, 7], machine.Transport.StatusHistory);
        Assert.DoesNotContain(machine.LogText, text => text.Contains("reset", StringComparison.Ordinal));
    }

    [Fact]
    public void A_driver_that_does_not_reset_is_warned_of_once()
    {
        using VirtioMachine machine = new();
        PairDriver driver = new() { Resets = false };
        VirtioDevice device = machine.CreateDevice();
        machine.Run(async () =>
        {
            Assert.Equal(Errno.Ok, await machine.Bus.RegisterDeviceAsync(device));
            for (int turn = 0; turn < 2; turn++)
            {
                Assert.Equal(Errno.Ok, await machine.Bus.RegisterDriverAsync(driver));
                device.Reset();
                device.AddStatus(VirtioStatus.Driver);
                await machine.Bus.UnregisterDriverAsync(driver);
            }
        });
        Assert.Equal("pair virtio0: the driver left status 0x2: it did not reset the device", Assert.Single(machine.LogText));
    }

    [Fact]
    public void Unregistering_leaves_nothing_and_frees_the_name()
    {
        using VirtioMachine machine = new();
        MemoryTransport other = new(machine.Bank);
        machine.Run(async () =>
        {
            Assert.Equal(Errno.Ok, await machine.Bus.RegisterDriverAsync(new PairDriver()));
            VirtioDevice first = machine.CreateDevice();
            VirtioDevice second = machine.CreateDevice(other);
            Assert.Equal(Errno.Ok, await machine.Bus.RegisterDeviceAsync(first));
            Assert.Equal(Errno.Ok, await machine.Bus.RegisterDeviceAsync(second));
            Assert.Equal(["virtio0", "virtio1"], machine.Bus.Devices.Select(device => device.Name));
            await machine.Bus.UnregisterDeviceAsync(first);
            Assert.True(first.IsReleased);
            VirtioDevice third = machine.CreateDevice();
            Assert.Equal("virtio0", third.Name);
            Assert.Equal(Errno.Ok, await machine.Bus.RegisterDeviceAsync(third));
            await machine.Bus.UnregisterDeviceAsync(third);
            await machine.Bus.UnregisterDeviceAsync(second);
        });
        Assert.Equal([0, 1], machine.Transport.StatusHistory[^2..]);
        Assert.Empty(machine.Kernel.Devices);
        Assert.Equal(0, machine.Bank.LiveBytes);
    }

    [Theory]
    [InlineData(0)] // register_virtio_device
    [InlineData(1)] // device_add
    public void A_failed_registration_says_FAILED_and_frees_the_name(int failAt)
    {
        using VirtioMachine machine = new(new FailNth(failAt, Errno.ENOMEM));
        VirtioDevice device = machine.CreateDevice();
        machine.Run(async () => Assert.Equal(Errno.ENOMEM, await machine.Bus.RegisterDeviceAsync(device)));
        Assert.True(device.Status.HasFlag(VirtioStatus.Failed));
        VirtioDevice next = machine.CreateDevice();
        Assert.Equal("virtio0", next.Name); // free at once, though its creator still holds the failed device
        device.Put();
        next.Put();
        Assert.Empty(machine.Kernel.Devices);
    }

    [Theory]
    [InlineData(7u, VirtioDeviceId.Any, true)]
    [InlineData(7u, 0u, true)]
    [InlineData(7u, 1u, false)]
    [InlineData(3u, VirtioDeviceId.Any, false)]
    [InlineData(VirtioDeviceId.Any, VirtioDeviceId.Any, true)]
    public void A_driver_takes_the_devices_of_its_table(uint device, uint vendor, bool taken)
    {
        using VirtioMachine machine = new();
        PairDriver driver = new();
        driver.Ids[0] = new VirtioDeviceId(device, vendor);
        VirtioDevice virtioDevice = machine.CreateDevice();
        machine.Run(async () =>
        {
            Assert.Equal(Errno.Ok, await machine.Bus.RegisterDriverAsync(driver));
            Assert.Equal(Errno.Ok, await machine.Bus.RegisterDeviceAsync(virtioDevice));
        });
        Assert.Equal(taken, virtioDevice.Driver == driver);
    }

    [Theory]
    [InlineData(0x0000_0003ul, 0x0000_0001ul, 0x0000_0001ul)]              // device bits: both must know them
    [InlineData(0x0000_0000ul, 0xffff_fffful, 0x0000_0000ul)]              // nothing that is not offered
    [InlineData(0x3000_0000ul, 0x0000_0000ul, 0x3000_0000ul)]              // INDIRECT_DESC and EVENT_IDX need no driver
    [InlineData(0x4500_0000_0000ul | 1, 0x0000_0001ul, 0x0000_0001ul)]     // bits 40, 42, 46: past our rings or past the range
    [InlineData(0x0004_0000_0000ul, 0x0004_0000_0000ul, 0x0000_0000ul)]    // RING_PACKED is not carried, even if a driver names it
    [InlineData(0x0800_0000ul, 0x0000_0000ul, 0x0000_0000ul)]              // bit 27 is not a transport's
    public void Features_are_what_both_know_and_the_transport_carries(ulong offered, ulong known, ulong expected)
    {
        using VirtioMachine machine = new();
        machine.Transport.DeviceFeatures = offered;
        VirtioDevice device = machine.CreateDevice();
        machine.Run(async () =>
        {
            Assert.Equal(Errno.Ok, await machine.Bus.RegisterDriverAsync(new PairDriver { Mask = known }));
            Assert.Equal(Errno.Ok, await machine.Bus.RegisterDeviceAsync(device));
        });
        Assert.Equal(expected, device.Features);
        Assert.Equal(expected, machine.Transport.DriverFeatures);
    }

    [Fact]
    public void A_feature_that_validate_gives_up_is_not_told_to_the_device()
    {
        using VirtioMachine machine = new();
        machine.Transport.DeviceFeatures = 3;
        VirtioDevice device = machine.CreateDevice();
        machine.Run(async () =>
        {
            Assert.Equal(Errno.Ok, await machine.Bus.RegisterDriverAsync(new PairDriver { Mask = 3, ClearedBit = 1 }));
            Assert.Equal(Errno.Ok, await machine.Bus.RegisterDeviceAsync(device));
        });
        Assert.Equal(1ul, machine.Transport.DriverFeatures);
        Assert.True(device.HasFeature(0));
        Assert.False(device.HasFeature(1));
    }

    [Theory]
    [InlineData(Errno.EINVAL, Errno.Ok)]
    [InlineData(Errno.Ok, Errno.EINVAL)]
    public void A_refused_negotiation_fails_the_probe(Errno finalize, Errno validate)
    {
        using VirtioMachine machine = new();
        machine.Transport.FinalizeErrno = finalize;
        VirtioDevice device = machine.CreateDevice();
        machine.Run(async () =>
        {
            Assert.Equal(Errno.Ok, await machine.Bus.RegisterDriverAsync(new PairDriver { ValidateErrno = validate }));
            Assert.Equal(Errno.Ok, await machine.Bus.RegisterDeviceAsync(device));
        });
        Assert.Equal([0, 1, 3, 0x83], machine.Transport.StatusHistory);
    }

    [Theory]
    [InlineData(false, new byte[] { 0, 1, 3, 11, 15 })]
    [InlineData(true, new byte[] { 0, 1, 3, 3, 0x83 })]
    public void With_VERSION_1_the_device_confirms_the_features(bool refuses, byte[] expected)
    {
        using VirtioMachine machine = new();
        machine.Transport.DeviceFeatures = VirtioFeatures.Mask(VirtioFeatures.Version1);
        machine.Transport.RefusedStatus = refuses ? VirtioStatus.FeaturesOk : VirtioStatus.None;
        machine.Run(async () =>
        {
            Assert.Equal(Errno.Ok, await machine.Bus.RegisterDriverAsync(new PairDriver()));
            Assert.Equal(Errno.Ok, await machine.Bus.RegisterDeviceAsync(machine.CreateDevice()));
        });
        Assert.Equal(expected, machine.Transport.StatusHistory);
    }

    [Theory]
    [InlineData(0, 4, true)]
    [InlineData(4, 0, true)]
    [InlineData(1, 4, false)]
    [InlineData(-1, 2, false)]
    [InlineData(int.MaxValue, 4, false)]
    public void Configuration_space_is_read_inside_its_bounds_only(int offset, int lengthBytes, bool expected)
    {
        using VirtioMachine machine = new();
        machine.Transport.ConfigSpace = [1, 2, 3, 4];
        byte[] bytes = [9, 9, 9, 9];
        Assert.Equal(expected, machine.CreateDevice().TryReadConfig(offset, bytes.AsSpan(0, lengthBytes)));
        Assert.Equal(expected && lengthBytes == 4 ? [1, 2, 3, 4] : [9, 9, 9, 9], bytes);
    }

    [Fact]
    public void A_configuration_that_changes_is_read_again_but_not_for_ever()
    {
        using VirtioMachine machine = new();
        machine.Transport.ConfigSpace = [1];
        VirtioDevice device = machine.CreateDevice();
        foreach (uint generation in new uint[] { 1, 2, 3, 3 }) machine.Transport.Generations.Enqueue(generation);
        Assert.True(device.TryReadConfig(0, new byte[1]));
        machine.Transport.Generations.Clear();
        for (uint generation = 0; generation < 1000; generation++) machine.Transport.Generations.Enqueue(generation);
        Assert.False(device.TryReadConfig(0, new byte[1]));
    }
}
