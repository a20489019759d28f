using System;
using RemoteprocEmu.Firmware.Elf;
using RemoteprocEmu.Platform;
using RemoteprocEmu.Remoteproc.Lifecycle;
using RemoteprocEmu.Remoteproc.Recovery;
using Xunit;

namespace RemoteprocEmu.Remoteproc.Tests;

public sealed class CoredumpTests
{
    [Fact]
    public void Disabled_takes_none_and_is_the_default()
    {
        using Rig rig = new(Rig.Sample("rpmsg-echo.elf"));
        rig.Run(async () =>
        {
            await rig.LoadPlatformDriverAsync();
            await rig.CrashAsync();
            Assert.Equal("disabled\n", rig.Sysfs.Read("coredump"));
            Assert.True(rig.Rproc.Coredump.Last.IsEmpty);
        });
    }

    [Fact]
    public void Enabled_keeps_an_elf_core_of_every_loaded_segment_as_it_was_at_the_crash()
    {
        using Rig rig = new(Rig.Sample("rpmsg-echo.elf"));
        rig.Run(async () =>
        {
            await rig.LoadPlatformDriverAsync();
            Assert.Equal(Errno.Ok, await rig.Sysfs.WriteAsync("coredump", "enabled\n"));
            ElfImage loaded = Open(Rig.Sample("rpmsg-echo.elf"));
            Platform.Memory.DeviceAddress marked = new(0x1003_0000); // the trace buffer: not what the file holds
            rig.Rproc.DaToVa(marked, 4)!.Value.Span.Fill(0xAB);
            rig.Rproc.AddDumpSegment(marked, 4);
            await rig.CrashAsync();

            ElfImage core = Open(rig.Rproc.Coredump.Last);
            Assert.Equal(4, core.Header.Type); // ET_CORE
            Assert.Equal(loaded.Machine, core.Machine);
            Assert.Equal(rig.Rproc.DumpSegments.Count, core.ProgramHeaderCount);
            ElfProgramHeader last = core.ProgramHeader(core.ProgramHeaderCount - 1);
            Assert.Equal(marked, last.VirtualAddress);
            Assert.Equal([0xAB, 0xAB, 0xAB, 0xAB], core.Bytes.Slice((int)last.Offset, 4).ToArray());
            Assert.Equal(RprocState.Running, rig.Rproc.State);
        });
    }

    [Fact]
    public void Inline_holds_the_recovery_until_the_reader_has_done()
    {
        using Rig rig = new(Rig.Sample("rpmsg-echo.elf"));
        rig.Run(async () =>
        {
            await rig.LoadPlatformDriverAsync();
            rig.Rproc.Coredump.Configuration = CoredumpConfiguration.Inline;
            rig.Rproc.ReportCrash(RprocCrashType.Watchdog);
            await rig.SettleAsync();
            Assert.Equal(RprocState.Offline, rig.Rproc.State);
            byte[] head = new byte[4];
            Assert.Equal(4, rig.Rproc.Coredump.ReadInline(0, head));
            Assert.Equal([0x7F, (byte)'E', (byte)'L', (byte)'F'], head);
            rig.Rproc.Coredump.ReleaseInline();
            await rig.Rproc.Crash.FlushAsync();
            Assert.Equal(RprocState.Running, rig.Rproc.State);
            Assert.Equal(0, rig.Rproc.Coredump.ReadInline(0, head));
        });
    }

    [Fact]
    public void Inline_that_nobody_reads_holds_the_recovery_for_five_minutes()
    {
        using Rig rig = new(Rig.Sample("rpmsg-echo.elf"));
        rig.Run(async () =>
        {
            await rig.LoadPlatformDriverAsync();
            rig.Rproc.Coredump.Configuration = CoredumpConfiguration.Inline;
            long before = rig.Machine.Scheduler.NowNs;
            await rig.CrashAsync();
            Assert.Equal(RprocState.Running, rig.Rproc.State);
            Assert.Equal(Coredump.InlineTimeoutNs, rig.Machine.Scheduler.NowNs - before);
        });
    }

    [Fact]
    public void The_configuration_of_a_crashed_processor_cannot_be_changed()
    {
        using Rig rig = new(Rig.Sample("pm-trace-only.elf"));
        rig.Run(async () =>
        {
            await rig.LoadPlatformDriverAsync();
            rig.Rproc.RecoveryDisabled = true;
            await rig.CrashAsync();
            Assert.Equal(Errno.EBUSY, await rig.Sysfs.WriteAsync("coredump", "enabled"));
            rig.Rproc.RecoveryDisabled = false;
            _ = await rig.Rproc.TriggerRecoveryAsync();
            Assert.Equal(Errno.EINVAL, await rig.Sysfs.WriteAsync("coredump", "maybe"));
        });
    }

    private static ElfImage Open(ReadOnlyMemory<byte> bytes)
    {
        Assert.Equal(ElfStatus.Ok, ElfImage.TryOpen(bytes, out ElfImage image, out _));
        return image;
    }
}
