using System;
using RemoteprocEmu.Firmware.ResourceTable;
using RemoteprocEmu.Platform;
using RemoteprocEmu.Platform.RemoteCores;
using RemoteprocEmu.Remoteproc.Eras;
using RemoteprocEmu.Remoteproc.Lifecycle;
using Xunit;

namespace RemoteprocEmu.Remoteproc.Tests;

/// <summary>Rows RP-54 to RP-58: what a table can ask for, and what a boot makes of it.</summary>
public sealed class ResourceRows
{
    [Fact]
    public void RP_54_Unknown_and_vendor_entries_are_warned_about_and_skipped()
    {
        using Rig rig = new(Rig.Sample("odd-types.elf"));
        rig.Run(async () =>
        {
            await rig.LoadPlatformDriverAsync();
            Assert.Equal(RprocState.Running, rig.Rproc.State);
            _ = Assert.Single(rig.Rproc.Vdevs); // the rpmsg vdev between them
        });
        Assert.Contains("remoteproc remoteproc0: unsupported resource 77", rig.Log);
        Assert.Contains("remoteproc remoteproc0: unsupported vendor resource 200", rig.Log);
        Assert.Contains("remoteproc remoteproc0: unsupported resource 4", rig.Log);
        Assert.Contains("remoteproc remoteproc0: unsupported resource 5", rig.Log);
    }

    [Fact]
    public void RP_55_A_vdev_of_three_vrings_fails_the_boot()
    {
        ExpectRefused(Images.With(table => table.AddVdev(7, 1, [Images.Ring(), Images.Ring(), Images.Ring()])), Errno.EINVAL);
    }

    [Fact]
    public void RP_56_A_vring_without_alignment_fails_the_boot()
    {
        // By design unlike column D (v6.1 and later), which boots without the vdev and says nothing: Era.VdevFailure.
        ExpectRefused(Images.With(table => table.AddVdev(7, 1, [Images.Ring(align: 0)])), Errno.EINVAL);
    }

    [Fact]
    public void RP_56_In_era_D_the_boot_succeeds_without_the_vdev()
    {
        using Rig rig = new(Images.With(table => table.AddVdev(7, 1, [Images.Ring(align: 0)])), era: Era.D);
        rig.Run(async () =>
        {
            await rig.LoadPlatformDriverAsync();
            Assert.Equal(RprocState.Running, rig.Rproc.State);
            Assert.Empty(rig.Rproc.Vdevs);
        });
    }

    [Fact]
    public void RP_57_A_devmem_entry_needs_an_iommu()
    {
        byte[] image = Images.With(table => table.AddDevmem("uart", 0x4000_0000, 0x4000_0000, 0x1000, 3));
        ExpectRefused(image, Errno.EINVAL, hasIommu: false);

        using Rig rig = new(image);
        rig.Run(async () =>
        {
            await rig.LoadPlatformDriverAsync();
            Assert.Equal(RprocState.Running, rig.Rproc.State);
            Assert.Equal("uart", Assert.Single(rig.Rproc.Mappings.Items).Name);
        });
    }

    [Fact]
    public void RP_58_A_processor_that_cannot_be_kicked_has_no_vdevs()
    {
        using Rig rig = new(Rig.Sample("rpmsg-echo.elf"), processor: p => p with { CanKick = false, AutoBoot = false });
        rig.Run(async () =>
        {
            await rig.LoadPlatformDriverAsync();
            Assert.Equal(Errno.EINVAL, await rig.Rproc.BootAsync());
            Assert.Equal(["start", "stop"], rig.Core.Calls);
            Assert.Equal((RprocState.Offline, 0), (rig.Rproc.State, rig.Rproc.Power));
            Assert.Empty(rig.Rproc.Carveouts.Items);
        });
        Assert.Contains("rproc-virtio rproc-virtio.0.auto: .kick method not defined for mcu", rig.Log);
    }

    [Fact]
    public void Carveouts_at_one_address_are_refused_by_name_and_nothing_is_left()
    {
        ExpectRefused(Images.With(table => table
            .AddCarveout("first", 0x2000_0000, 0x4000)
            .AddCarveout("second", 0x2000_2000, 0x4000)), Errno.ENOMEM, logged: "second");
    }

    [Fact]
    public void A_carveout_larger_than_memory_is_refused_by_name_and_nothing_is_left()
    {
        ExpectRefused(Images.With(table => table.AddCarveout("huge", uint.MaxValue, 0x7000_0000)), Errno.ENOMEM, logged: "huge");
    }

    [Fact]
    public void A_ring_of_four_billion_descriptors_is_refused_and_nothing_is_left()
    {
        ExpectRefused(Images.With(table => table.AddVdev(7, 1, [Images.Ring(num: uint.MaxValue)])), Errno.ENOMEM, logged: "vdev0vring0");
    }

    [Fact]
    public void A_fixed_ring_address_is_where_the_ring_is()
    {
        using Rig rig = new(Images.With(table => table.AddVdev(7, 1, [Images.Ring(da: 0x2000_0000), Images.Ring(da: 0x2000_4000)])));
        rig.Run(async () =>
        {
            await rig.LoadPlatformDriverAsync();
            Assert.Equal([0x2000_0000u, 0x2000_4000u], rig.Core.Boots[0][0].RingAddresses);
            Assert.Equal(0x2000_0000u, rig.Rproc.Carveouts.Find("vdev0vring0")!.DeviceAddress.Value);
        });
    }

    [Fact]
    public void Carveouts_of_the_table_are_told_where_they_are()
    {
        using Rig rig = new(Rig.Sample("carveouts-fixed.elf"));
        rig.Run(async () =>
        {
            await rig.LoadPlatformDriverAsync();
            Assert.Equal(RprocState.Running, rig.Rproc.State);
            CarveoutEntry[] entries = Images.Carveouts(rig.Rproc.Table.InEffect.Span);
            Assert.Equal(2, entries.Length);
            foreach (CarveoutEntry entry in entries)
            {
                Resources.Carveout carveout = rig.Rproc.Carveouts.Find(entry.Name.ToString())!;
                Assert.Equal(carveout.DeviceAddress.Value, entry.Da);
                Assert.Equal(carveout.PhysicalAddress.Value, entry.Pa);
                Assert.Equal(carveout.LengthBytes, entry.LengthBytes);
                Platform.Memory.RemoteMemory memory = rig.Machine.Processors[0].Memory;
                Assert.True(memory.TryTranslate(carveout.DeviceAddress, 4, out Platform.Memory.PhysicalAddress pa));
                Assert.Equal(carveout.PhysicalAddress, pa);
            }
        });
    }

    [Fact]
    public void An_image_whose_table_section_is_empty_does_not_boot()
    {
        using Rig rig = new(Rig.Sample("empty-table.elf"), processor: p => p with { AutoBoot = false });
        rig.Run(async () =>
        {
            await rig.LoadPlatformDriverAsync();
            Assert.Equal(Errno.EINVAL, await rig.Rproc.BootAsync());
        });
    }

    [Fact]
    public void A_platform_that_tolerates_it_boots_an_image_whose_table_section_is_empty()
    {
        using Rig rig = new(Rig.Sample("empty-table.elf"), processor: p => p with { ToleratesMissingTable = true });
        rig.Run(async () =>
        {
            await rig.LoadPlatformDriverAsync();
            Assert.Equal(RprocState.Running, rig.Rproc.State);
            Assert.True(rig.Core.Last!.TableAddress.IsAny);
        });
    }

    [Fact]
    public void A_table_at_the_run_address_is_the_hosts_copy()
    {
        using Rig rig = new(Rig.Sample("lma-vma.elf"));
        rig.Run(async () =>
        {
            await rig.LoadPlatformDriverAsync();
            VdevView vdev = Assert.Single(rig.Core.Boots[0]); // the firmware finds a table there, although no segment was loaded to it
            Assert.Equal([0u, 1u], vdev.NotifyIds);
        });
    }

    [Fact]
    public void From_the_stop_on_the_clean_up_writes_to_the_hosts_copy_of_the_table_alone()
    {
        using Rig rig = new(Rig.Sample("rpmsg-echo.elf"));
        rig.Run(async () =>
        {
            await rig.LoadPlatformDriverAsync();
            CoreStart start = rig.Core.Last!;
            Assert.Equal([0u, 1u], FirstInstruction.Read(start)[0].NotifyIds);
            Assert.Equal(Errno.Ok, await rig.Rproc.ShutdownAsync());
            VdevView left = FirstInstruction.Read(start)[0];
            Assert.Equal([0u, 1u], left.NotifyIds); // in the host's copy they read 0xffffffff by now
            Assert.Equal(rig.Core.Boots[0][0].RingAddresses, left.RingAddresses);
        });
    }

    [Fact]
    public void Each_load_clears_what_a_segment_has_in_memory_and_not_in_the_file()
    {
        using Rig rig = new(Rig.Sample("rpmsg-echo.elf"));
        rig.Run(async () =>
        {
            await rig.LoadPlatformDriverAsync();
            Platform.Memory.DeviceAddress zeroFill = new(0x1003_0000); // 2504 bytes of bss and trace buffer, none in the file
            rig.Rproc.DaToVa(zeroFill, 2504)!.Value.Span.Fill(0xAA);
            await rig.CrashAsync();
            Assert.Equal(RprocState.Running, rig.Rproc.State);
            Assert.Equal(-1, rig.Rproc.DaToVa(zeroFill, 2504)!.Value.Span.IndexOfAnyExcept((byte)0));
        });
    }

    private static void ExpectRefused(byte[] image, Errno errno, bool? hasIommu = null, string? logged = null)
    {
        using Rig rig = new(image, processor: p => p with { AutoBoot = false, HasIommu = hasIommu });
        rig.Run(async () =>
        {
            await rig.LoadPlatformDriverAsync();
            Assert.Equal(errno, await rig.Rproc.BootAsync());
            Assert.Equal((RprocState.Offline, 0), (rig.Rproc.State, rig.Rproc.Power));
            Assert.Empty(rig.Core.Calls);
            Assert.Empty(rig.Rproc.Vdevs);
            Assert.Equal(0, rig.Rproc.NotifyIds.Count);
            Assert.Equal(0, rig.Machine.DmaBank.LiveBytes);
        });
        if (logged is not null) Assert.Contains(rig.Log, line => line.Contains(logged, StringComparison.Ordinal));
    }
}
