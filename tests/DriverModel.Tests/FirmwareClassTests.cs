using System;
using System.Collections.Generic;
using System.Threading.Tasks;
using RemoteprocEmu.Platform;
using RemoteprocEmu.Platform.Faults;
using RemoteprocEmu.Platform.Tasks;
using Xunit;

namespace RemoteprocEmu.DriverModel.Tests;

public class FirmwareClassTests
{
    private readonly VirtualScheduler _scheduler = new();

    [Fact]
    public void A_file_that_was_provided_is_read_and_one_that_was_not_is_ENOENT()
    {
        Kernel kernel = new(_scheduler);
        kernel.Firmware.Provide("echo.elf", new byte[] { 1, 2 });
        _scheduler.Run(async () =>
        {
            (Errno errno, ReadOnlyMemory<byte> content) = await kernel.Firmware.RequestAsync("echo.elf");
            Assert.Equal(Errno.Ok, errno);
            Assert.Equal([1, 2], content.ToArray());

            kernel.Firmware.Provide("echo.elf", new byte[] { 3 });
            Assert.Equal([3], (await kernel.Firmware.RequestAsync("echo.elf")).Content.ToArray());

            Assert.True(kernel.Firmware.Remove("echo.elf"));
            Assert.False(kernel.Firmware.Remove("echo.elf"));
            (errno, content) = await kernel.Firmware.RequestAsync("echo.elf");
            Assert.Equal(Errno.ENOENT, errno);
            Assert.True(content.IsEmpty);
            Assert.Equal(Errno.ENOENT, (await kernel.Firmware.RequestAsync("ECHO.ELF")).Errno);
        });
    }

    [Fact]
    public void The_callback_comes_later_in_a_task_of_its_own_with_the_bytes_or_with_null()
    {
        Kernel kernel = new(_scheduler);
        kernel.Firmware.Provide("echo.elf", new byte[] { 1 });
        List<string> calls = [];
        _scheduler.Run(async () =>
        {
            ValueTask Callback(ReadOnlyMemory<byte>? content)
            {
                calls.Add($"{_scheduler.Current!.Name}: {(content is { } bytes ? $"{bytes.Length} bytes" : "null")}");
                return ValueTask.CompletedTask;
            }

            TestModule owner = new(kernel, "remoteproc", []);
            Assert.Equal(Errno.EFAULT, kernel.Firmware.RequestNowait("echo.elf", owner, Callback)); // not loaded
            Assert.Equal(Errno.Ok, await kernel.Modules.InsmodAsync(owner));
            Assert.Equal(Errno.Ok, kernel.Firmware.RequestNowait("echo.elf", owner, Callback));
            Assert.Equal(Errno.Ok, kernel.Firmware.RequestNowait("missing.elf", owner, Callback));
            Assert.Empty(calls);
            Assert.Equal(2, owner.ReferenceCount);
            await _scheduler.DelayAsync(1);
            Assert.Equal(0, owner.ReferenceCount);
        });
        Assert.Equal(["firmware_loading_work: 1 bytes", "firmware_loading_work: null"], calls);
        Assert.Empty(_scheduler.LiveTasks);
    }

    [Fact]
    public void A_request_can_fail_otherwise()
    {
        Kernel kernel = new(_scheduler, new FailNth(0, Errno.ENOMEM));
        kernel.Firmware.Provide("echo.elf", new byte[] { 1 });
        _scheduler.Run(async () => Assert.Equal(Errno.ENOMEM, (await kernel.Firmware.RequestAsync("echo.elf")).Errno));
    }
}
