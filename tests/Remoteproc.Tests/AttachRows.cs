using System;
using RemoteprocEmu.Board;
using RemoteprocEmu.Platform;
using RemoteprocEmu.Platform.Memory;
using RemoteprocEmu.Remoteproc.Lifecycle;
using RemoteprocEmu.Remoteproc.Platforms;
using Xunit;

namespace RemoteprocEmu.Remoteproc.Tests;

/// <summary>Rows RP-51 to RP-53: processors that something else has started.</summary>
public sealed class AttachRows
{
    private static ProcessorOptions Detached(ProcessorOptions options) => options with { StartsDetached = true };

    [Fact]
    public void RP_51_A_detached_processor_with_auto_boot_is_attached_to_by_and_by()
    {
        using Rig rig = new(Rig.Sample("rpmsg-echo.elf"), processor: Detached);
        rig.Run(async () =>
        {
            Assert.Equal(Errno.Ok, await rig.Machine.ModprobeAsync("emu_rproc"));
            await rig.SettleAsync();
            Assert.Equal((RprocState.Attached, 1), (rig.Rproc.State, rig.Rproc.Power));
            Assert.Equal("attached\n", rig.Sysfs.Read("state"));
            Assert.Equal("unknown\n", rig.Sysfs.Read("firmware"));
            Assert.Equal(["attach"], rig.Core.Calls);
            Assert.False(rig.Rproc.Vdevs[0].Vrings[0].PublishedAddress.IsAny);
        });
        Assert.Equal(["attach", "stop"], rig.Core.Calls);
    }

    [Fact]
    public void RP_52_After_each_detach_the_live_table_is_as_it_was_found()
    {
        using Rig rig = new(Rig.Sample("rpmsg-echo.elf"), processor: Detached);
        rig.Run(async () =>
        {
            byte[] found = LiveTable(rig);
            await rig.LoadPlatformDriverAsync();
            for (int round = 0; round < 3; round++)
            {
                Assert.NotEqual(found, LiveTable(rig));
                Assert.Equal(Errno.Ok, await rig.Sysfs.WriteAsync("state", "detach"));
                Assert.Equal((RprocState.Detached, 0), (rig.Rproc.State, rig.Rproc.Power));
                Assert.Equal(found, LiveTable(rig));
                Assert.Empty(rig.Rproc.Carveouts.Items);
                Assert.Equal(Errno.Ok, await rig.Sysfs.WriteAsync("state", "start"));
                Assert.Equal((RprocState.Attached, 1), (rig.Rproc.State, rig.Rproc.Power));
            }

            Assert.Equal(Errno.Ok, await rig.Sysfs.WriteAsync("state", "detach"));
        });
    }

    [Fact]
    public void RP_53_What_cannot_be_detached_stays_attached()
    {
        using Rig rig = new(Rig.Sample("rpmsg-echo.elf"), processor: p => Detached(p) with { CanDetach = false });
        rig.Run(async () =>
        {
            await rig.LoadPlatformDriverAsync();
            Assert.Equal(Errno.EINVAL, await rig.Sysfs.WriteAsync("state", "detach"));
            Assert.Equal((RprocState.Attached, 1), (rig.Rproc.State, rig.Rproc.Power));
        });
    }

    [Fact]
    public void An_attached_processor_that_restarts_itself_is_attached_to_again_after_a_crash()
    {
        using Rig rig = new(Rig.Sample("rpmsg-echo.elf"), processor: p => Detached(p) with { AttachOnRecovery = true });
        rig.Run(async () =>
        {
            await rig.LoadPlatformDriverAsync();
            await rig.CrashAsync();
            Assert.Equal((RprocState.Attached, 1, 1), (rig.Rproc.State, rig.Rproc.Power, rig.Rproc.CrashCount));
            Assert.Equal(["attach", "detach", "attach"], rig.Core.Calls);
            Assert.False(rig.Rproc.Vdevs[0].Vrings[0].PublishedAddress.IsAny);
        });
    }

    private static byte[] LiveTable(Rig rig)
    {
        RemoteCorePlatform platform =
            (RemoteCorePlatform)rig.Machine.Processors[0].Device.PlatformData!;
        (DeviceAddress address, int lengthBytes) = platform.LiveTable!.Value;
        Assert.True(platform.Memory.TrySlice(address, (ulong)lengthBytes, out Span<byte> bytes));
        return bytes.ToArray();
    }
}
