using RemoteprocEmu.Platform;
using RemoteprocEmu.Remoteproc.Eras;
using RemoteprocEmu.Remoteproc.Interfaces;
using RemoteprocEmu.Remoteproc.Lifecycle;
using Xunit;

namespace RemoteprocEmu.Remoteproc.Tests;

/// <summary>Rows RP-40 to RP-50 and RP-60: what user space can do.</summary>
public sealed class SysfsRows
{
    [Fact]
    public void RP_40_A_second_start_counts_a_user_so_two_stops_are_needed()
    {
        using Rig rig = new(Rig.Sample("pm-trace-only.elf"));
        rig.Run(async () =>
        {
            await rig.LoadPlatformDriverAsync();
            Assert.Equal(1, rig.Rproc.Power);

            Assert.Equal(Errno.Ok, await rig.Sysfs.WriteAsync("state", "start\n"));
            Assert.Equal(2, rig.Rproc.Power);

            Assert.Equal(Errno.Ok, await rig.Sysfs.WriteAsync("state", "stop"));
            Assert.Equal((RprocState.Running, 1), (rig.Rproc.State, rig.Rproc.Power));

            Assert.Equal(Errno.Ok, await rig.Sysfs.WriteAsync("state", "stop"));
            Assert.Equal((RprocState.Offline, 0), (rig.Rproc.State, rig.Rproc.Power));
            Assert.Equal("offline\n", rig.Sysfs.Read("state"));
        });
    }

    [Fact]
    public void RP_41_What_is_off_cannot_be_stopped_or_detached()
    {
        using Rig rig = new(Rig.Sample("pm-trace-only.elf"), processor: p => p with { AutoBoot = false });
        rig.Run(async () =>
        {
            await rig.LoadPlatformDriverAsync();
            Assert.Equal(Errno.EINVAL, await rig.Sysfs.WriteAsync("state", "stop"));
            Assert.Equal(Errno.EINVAL, await rig.Sysfs.WriteAsync("state", "detach"));
            Assert.Equal(Errno.EINVAL, await rig.Sysfs.WriteAsync("state", "reboot"));
            Assert.Equal(RprocState.Offline, rig.Rproc.State);
        });
    }

    [Fact]
    public void RP_42_A_crashed_processor_is_started_in_vain_until_it_is_recovered()
    {
        using Rig rig = new(Rig.Sample("pm-trace-only.elf"));
        rig.Run(async () =>
        {
            await rig.LoadPlatformDriverAsync();
            Assert.Equal(Errno.Ok, await rig.Sysfs.WriteAsync("recovery", "disabled\n"));
            await rig.CrashAsync();
            Assert.Equal("crashed\n", rig.Sysfs.Read("state"));

            Assert.Equal(Errno.Ok, await rig.Sysfs.WriteAsync("state", "start")); // counted, and nothing else
            Assert.Equal((RprocState.Crashed, 2, 1), (rig.Rproc.State, rig.Rproc.Power, rig.Core.Boots.Count));

            Assert.Equal(Errno.Ok, await rig.Sysfs.WriteAsync("state", "stop"));
            Assert.Equal((RprocState.Crashed, 1), (rig.Rproc.State, rig.Rproc.Power));

            Assert.Equal(Errno.Ok, await rig.Sysfs.WriteAsync("recovery", "recover"));
            Assert.Equal((RprocState.Running, 1, 2), (rig.Rproc.State, rig.Rproc.Power, rig.Core.Boots.Count));
            Assert.Equal("disabled\n", rig.Sysfs.Read("recovery"));
        });
    }

    [Fact]
    public void RP_43_A_recovery_without_image_leaves_a_processor_that_can_be_started_later()
    {
        // By design unlike column D, where power stays 1 for a processor that is off, so that no later start boots it: Era.FailedRecovery.
        using Rig rig = new(Rig.Sample("rpmsg-echo.elf"));
        rig.Run(async () =>
        {
            await rig.LoadPlatformDriverAsync();
            Assert.True(rig.Machine.Kernel.Firmware.Remove("fw.elf"));
            await rig.CrashAsync();
            Assert.Equal((RprocState.Offline, 0), (rig.Rproc.State, rig.Rproc.Power));
            Assert.Empty(rig.Rproc.Carveouts.Items);

            rig.Machine.Kernel.Firmware.Provide("fw.elf", Rig.Sample("rpmsg-echo.elf"));
            Assert.Equal(Errno.Ok, await rig.Sysfs.WriteAsync("state", "start"));
            Assert.Equal((RprocState.Running, 1), (rig.Rproc.State, rig.Rproc.Power));
        });
    }

    [Fact]
    public void RP_43_In_era_D_the_processor_is_stuck()
    {
        using Rig rig = new(Rig.Sample("rpmsg-echo.elf"), era: Era.D);
        rig.Machine.Run(async () => // not Rig.Run: that something is left is the finding
        {
            await rig.LoadPlatformDriverAsync();
            Assert.True(rig.Machine.Kernel.Firmware.Remove("fw.elf"));
            await rig.CrashAsync();
            Assert.Equal((RprocState.Offline, 1), (rig.Rproc.State, rig.Rproc.Power));

            rig.Machine.Kernel.Firmware.Provide("fw.elf", Rig.Sample("rpmsg-echo.elf"));
            Assert.Equal(Errno.Ok, await rig.Sysfs.WriteAsync("state", "start"));
            Assert.Equal((RprocState.Offline, 2), (rig.Rproc.State, rig.Rproc.Power));
            Assert.Equal(Errno.EINVAL, await rig.Sysfs.WriteAsync("state", "stop"));
        });
    }

    [Fact]
    public void RP_44_Two_reports_of_one_crash_are_one_crash()
    {
        using Rig rig = new(Rig.Sample("pm-trace-only.elf"));
        rig.Run(async () =>
        {
            await rig.LoadPlatformDriverAsync();
            rig.Rproc.ReportCrash(RprocCrashType.Watchdog);
            rig.Rproc.ReportCrash(RprocCrashType.MmuFault);
            await rig.Rproc.Crash.FlushAsync();
            Assert.Equal((RprocState.Running, 1, 2), (rig.Rproc.State, rig.Rproc.CrashCount, rig.Core.Boots.Count));
        });
        Assert.Contains("remoteproc remoteproc0: crash detected in mcu: type watchdog", rig.Log);
        Assert.Contains("remoteproc remoteproc0: handling crash #1 in mcu", rig.Log);
        Assert.Contains("remoteproc remoteproc0: recovering mcu", rig.Log);
    }

    [Fact]
    public void RP_44_A_report_of_what_has_crashed_already_is_not_counted()
    {
        using Rig rig = new(Rig.Sample("pm-trace-only.elf"));
        rig.Run(async () =>
        {
            await rig.LoadPlatformDriverAsync();
            rig.Rproc.RecoveryDisabled = true;
            await rig.CrashAsync();
            await rig.CrashAsync();
            Assert.Equal((RprocState.Crashed, 1), (rig.Rproc.State, rig.Rproc.CrashCount));
        });
    }

    [Fact]
    public void RP_45_A_crash_report_of_what_is_off_is_ignored()
    {
        using Rig rig = new(Rig.Sample("pm-trace-only.elf"), processor: p => p with { AutoBoot = false });
        rig.Run(async () =>
        {
            await rig.LoadPlatformDriverAsync();
            await rig.CrashAsync();
            Assert.Equal((RprocState.Offline, 0), (rig.Rproc.State, rig.Rproc.CrashCount));
        });
    }

    [Fact]
    public void RP_46_The_image_of_a_running_processor_cannot_be_changed()
    {
        using Rig rig = new(Rig.Sample("pm-trace-only.elf"));
        rig.Run(async () =>
        {
            await rig.LoadPlatformDriverAsync();
            Assert.Equal(Errno.EBUSY, await rig.Sysfs.WriteAsync("firmware", "other.elf\n"));
            Assert.Equal("fw.elf\n", rig.Sysfs.Read("firmware"));
        });
    }

    [Fact]
    public void RP_47_An_empty_image_name_is_refused()
    {
        using Rig rig = new(Rig.Sample("pm-trace-only.elf"), processor: p => p with { AutoBoot = false });
        rig.Run(async () =>
        {
            await rig.LoadPlatformDriverAsync();
            Assert.Equal(Errno.EINVAL, await rig.Sysfs.WriteAsync("firmware", "\n"));
            Assert.Equal(Errno.Ok, await rig.Sysfs.WriteAsync("firmware", "other.elf\nand more"));
            Assert.Equal("other.elf\n", rig.Sysfs.Read("firmware"));
        });
    }

    [Fact]
    public void RP_48_Closing_the_device_with_the_flag_set_shuts_down()
    {
        using Rig rig = new(Rig.Sample("pm-trace-only.elf"));
        rig.Run(async () =>
        {
            await rig.LoadPlatformDriverAsync();
            RprocCdev cdev = new(rig.Rproc);
            int flag = 1;
            Assert.Equal(Errno.Ok, cdev.Ioctl(RprocCdev.SetShutdownOnRelease, ref flag));
            Assert.Equal(Errno.Ok, await cdev.ReleaseAsync());
            Assert.Equal((RprocState.Offline, 0), (rig.Rproc.State, rig.Rproc.Power));
        });
    }

    [Fact]
    public void RP_49_Closing_drops_one_user_of_two()
    {
        using Rig rig = new(Rig.Sample("pm-trace-only.elf"));
        rig.Run(async () =>
        {
            await rig.LoadPlatformDriverAsync();
            RprocCdev cdev = new(rig.Rproc);
            Assert.Equal(Errno.Ok, await cdev.WriteAsync("start"));
            int flag = 1;
            Assert.Equal(Errno.Ok, cdev.Ioctl(RprocCdev.SetShutdownOnRelease, ref flag));
            Assert.Equal(Errno.Ok, await cdev.ReleaseAsync());
            Assert.Equal((RprocState.Running, 1), (rig.Rproc.State, rig.Rproc.Power));
            int read = 0;
            Assert.Equal(Errno.Ok, cdev.Ioctl(RprocCdev.GetShutdownOnRelease, ref read));
            Assert.Equal(1, read);
            Assert.Equal(Errno.EINVAL, cdev.Ioctl(0xB703, ref read));
        });
    }

    [Fact]
    public void RP_50_The_device_takes_prefixes_and_no_newline()
    {
        using Rig rig = new(Rig.Sample("pm-trace-only.elf"), processor: p => p with { AutoBoot = false });
        rig.Run(async () =>
        {
            await rig.LoadPlatformDriverAsync();
            RprocCdev cdev = new(rig.Rproc);
            Assert.Equal(Errno.EINVAL, await cdev.WriteAsync("start\n"));
            Assert.Equal(Errno.EINVAL, await cdev.WriteAsync(""));
            Assert.Equal(Errno.EINVAL, await cdev.WriteAsync("start me up"));
            Assert.Equal(Errno.Ok, await cdev.WriteAsync("st"));
            Assert.Equal(RprocState.Running, rig.Rproc.State);
            Assert.Equal(Errno.Ok, await cdev.WriteAsync("sto"));
            Assert.Equal(RprocState.Offline, rig.Rproc.State);
        });
    }

    [Fact]
    public void RP_60_A_read_only_processor_refuses_writes_by_mode()
    {
        using Rig rig = new(Rig.Sample("pm-trace-only.elf"), processor: p => p with { SysfsReadOnly = true });
        rig.Run(async () =>
        {
            await rig.LoadPlatformDriverAsync();
            foreach (string file in RprocSysfs.Files)
            {
                Assert.Equal(System.Convert.ToInt32("444", 8), rig.Sysfs.Mode(file));
                Assert.Equal(Errno.EACCES, await rig.Sysfs.WriteAsync(file, "start"));
            }

            Assert.Equal(RprocState.Running, rig.Rproc.State);
        });
    }
}
