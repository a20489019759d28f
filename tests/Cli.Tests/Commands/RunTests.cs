using System;
using System.Diagnostics;
using System.IO;
using System.Linq;
using System.Runtime.InteropServices;
using System.Text.Json;
using System.Threading.Tasks;
using RemoteprocEmu.Board;
using RemoteprocEmu.Remoteproc.Eras;
using Xunit;

namespace RemoteprocEmu.Cli.Tests.Commands;

public sealed partial class RunTests
{
    private const string DefaultLastLine =
        "ok: rpmsg-echo.elf booted, 1,000 messages each way, 1 crash recovered, stopped; nothing is left";

    [Fact]
    public void Without_arguments_the_sample_boots_talks_crashes_recovers_stops_and_leaves_nothing()
    {
        Stopwatch clock = Stopwatch.StartNew();
        RprocRun run = RprocRun.AsProcess();
        Assert.Equal("", run.Error);
        Assert.Equal(0, run.ExitCode);
        Assert.Equal(DefaultLastLine, run.Lines[^1]);
        Assert.True(clock.Elapsed.TotalSeconds < 20, $"{clock.Elapsed}: 2 s on an idle computer, this one may be busy");
        // The host and the firmware are a thread each: whether a channel is announced before or after "is now up" is open.
        AssertInOrder(run.Lines,
            "remoteproc remoteproc0: mcu is available",
            "remoteproc remoteproc0: powering up mcu",
            "remoteproc remoteproc0: Booting fw image rpmsg-echo.elf, size 2408",
            "remoteproc remoteproc0: remote processor mcu is now up",
            "remoteproc remoteproc0: crash detected in mcu: type fatal error",
            "remoteproc remoteproc0: recovering mcu",
            "remoteproc remoteproc0: remote processor mcu is now up",
            "remoteproc remoteproc0: stopped remote processor mcu");
        AssertInOrder(run.Lines,
            "virtio_rpmsg_bus virtio0: creating channel rpmsg-client-sample addr 0x400",
            "rpmsg_client_sample virtio0.rpmsg-client-sample.-1.1024: new channel: 0x400 -> 0x400!",
            "rpmsg_client_sample virtio0.rpmsg-client-sample.-1.1024: incoming msg 1 (src: 0x400)",
            "rpmsg_client_sample virtio0.rpmsg-client-sample.-1.1024: goodbye!",
            "remoteproc remoteproc0: crash detected in mcu: type fatal error",
            "virtio_rpmsg_bus virtio0: creating channel rpmsg-client-sample addr 0x400",
            "remoteproc remoteproc0: stopped remote processor mcu");
    }

    [Theory]
    [InlineData("run", "--virtual")]
    [InlineData("run", "--virtual", "--seed", "7")]
    [InlineData("run", "rpmsg-two-vdevs", "--virtual", "--crash-after", "30", "--json", "--log")]
    public void In_virtual_time_two_runs_are_the_same_byte_for_byte(params string[] arguments)
    {
        RprocRun first = RprocRun.InProcess(arguments);
        Assert.Equal(0, first.ExitCode);
        Assert.Equal(first, RprocRun.InProcess(arguments));
    }

    [Fact]
    public void Another_seed_is_another_order_of_the_same_messages()
    {
        for (ulong seed = 1; seed <= 100; seed++)
            Assert.Equal(DefaultLastLine, RprocRun.InProcess("run", "--virtual", "--quiet", "--seed", $"{seed}").Lines[^1]);
    }

    [Theory]
    [InlineData("rpmsg-echo", "1,000 messages each way, ")]
    [InlineData("rpmsg-two-vdevs", "2,000 messages each way, ")]
    [InlineData("rpmsg-net", "1,000 messages each way, 1,000 frames each way, ")]
    [InlineData("net-eight", "8 frames each way, ")] // its rings are too short for a second
    [InlineData("net-two", "2,000 frames each way, ")]
    [InlineData("serial", "992,000 bytes each way, ")]
    [InlineData("pm-trace-only", "")]
    [InlineData("carveouts-fixed", "1,000 messages each way, ")]
    [InlineData("lma-vma", "1,000 messages each way, ")]
    [InlineData("odd-types", "1,000 messages each way, ")]
    [InlineData("riscv64-rpmsg", "1,000 messages each way, ")]
    public void Every_sample_that_the_kernel_takes_runs_live_and_leaves_nothing(string sample, string talk)
    {
        RprocRun run = RprocRun.InProcess("run", sample);
        Assert.Equal($"ok: {sample}.elf booted, {talk}stopped; nothing is left", run.Lines[^1]);
        Assert.Equal((0, ""), (run.ExitCode, run.Error));
        foreach (string line in run.Lines) Assert.True(line.StartsWith('[') || line.Length <= 100, line);
    }

    [Fact]
    public void All_samples_are_in_these_tests() => Assert.Equal(12, SampleImages.All.Count); // eleven above, the empty table below

    [Theory]
    [InlineData("net-two", "frames", "eth0", "eth1")]
    [InlineData("serial", "records", "vport0p0", "hvc0")]
    public void Frames_and_bytes_are_in_the_report(string sample, string kind, string first, string second)
    {
        RprocRun run = RprocRun.InProcess("run", sample, "--virtual", "--json", "--messages", "30");
        using JsonDocument json = JsonDocument.Parse(run.Output);
        JsonElement[] streams = [.. json.RootElement.GetProperty("streams").EnumerateArray()];
        Assert.Equal([first, second], streams.Select(row => row.GetProperty("interface").GetString()));
        Assert.All(streams, row => Assert.Equal(kind, row.GetProperty("kind").GetString()));
        Assert.All(streams, row => Assert.Equal((30, 30, 0), (row.GetProperty("to_firmware").GetInt32(),
            row.GetProperty("verified").GetInt32(), row.GetProperty("bad").GetInt32())));
    }

    [Fact]
    public void Firmware_that_serves_no_frames_gets_no_interface()
    {
        RprocRun run = RprocRun.InProcess("run", "rpmsg-net", "--virtual", "--program", "echo", "--json");
        using JsonDocument json = JsonDocument.Parse(run.Output);
        Assert.Equal(0, json.RootElement.GetProperty("streams").GetArrayLength());
        Assert.Equal(["virtio_rpmsg_bus", ""],
            json.RootElement.GetProperty("vdevs").EnumerateArray().Select(row => row.GetProperty("driver").GetString()));
    }

    [Fact]
    public void A_refused_table_is_one_line_with_offset_field_value_rule_and_errno_and_nothing_runs()
    {
        RprocRun run = RprocRun.InProcess("run", "empty-table");
        Assert.Equal((3, ""), (run.ExitCode, run.Output));
        Assert.Equal("rproc: empty-table.elf: offset 0x6f4: .resource_table size = 0x0: " +
            "resource table is smaller than its 16-byte header; rule RSC-003, -EINVAL\n", run.Error);
    }

    [Fact]
    public void An_image_cut_anywhere_is_refused_with_one_line_or_boots()
    {
        byte[] whole = SampleImages.All[0].Read();
        for (int length = 0; length < whole.Length; length += 61)
        {
            using TemporaryFile file = new("cut.elf", whole[..length]);
            RprocRun run = RprocRun.InProcess("run", file.Path, "--virtual", "--quiet");
            Assert.Equal(3, run.ExitCode);
            Assert.Matches(@"^rproc: \S+: offset 0x[0-9a-f]+: .+ = 0x[0-9a-f]+: .*; rule (ELF|LOAD|RSC)-\d+, -E[A-Z]+\n$", run.Error);
        }
    }

    [Fact]
    public void A_well_formed_image_that_this_board_cannot_hold_is_a_finding_that_names_the_carveout()
    {
        byte[] bytes = SampleImages.Find("carveouts-fixed")!.Read();
        int name = bytes.AsSpan().IndexOf("dsp-heap"u8);
        Assert.Equal(0x10_0000u, BitConverter.ToUInt32(bytes, name - 12));
        _ = BitConverter.TryWriteBytes(bytes.AsSpan(name - 12), 0x7000_0000u);
        _ = BitConverter.TryWriteBytes(bytes.AsSpan(name - 20), uint.MaxValue); // anywhere, so that it overlaps nothing
        using TemporaryFile file = new("greedy.elf", bytes);
        RprocRun run = RprocRun.InProcess("run", file.Path, "--virtual");
        Assert.Equal(1, run.ExitCode);
        Assert.Contains(run.Lines, line => line.Contains("dsp-heap", StringComparison.Ordinal) && line.StartsWith('['));
        Assert.Equal("1 finding: greedy.elf not booted; nothing is left", run.Lines[^1]);
    }

    [Theory]
    [InlineData("auto", "booted by itself (auto_boot)")]
    [InlineData("consumer", "booted by its consumer")]
    [InlineData("none", "booted by nobody")]
    public void Who_boots_is_chosen(string boot, string words)
    {
        RprocRun run = RprocRun.InProcess("run", "rpmsg-echo", "--boot", boot, "--virtual");
        Assert.Equal(0, run.ExitCode);
        Assert.Contains(words, run.Output, StringComparison.Ordinal);
        Assert.Equal(boot != "none", run.Output.Contains("is now up", StringComparison.Ordinal));
    }

    [Fact]
    public void The_power_management_processor_is_booted_by_wkup_m3_ipc_and_says_its_version()
    {
        RprocRun run = RprocRun.InProcess("run", "pm-trace-only", "--virtual");
        Assert.Contains(run.Lines, line => line.EndsWith("CM3 Firmware Version = 0x192", StringComparison.Ordinal));
        Assert.Contains("  none: the image has no rpmsg vdev", run.Lines);
        Assert.Contains("  wkup-m3: boot, version 0x192", run.Lines);
    }

    [Theory]
    [InlineData("echo", 0, "")]
    [InlineData("slow-echo", 0, "")]
    [InlineData("ping", 0, "")]
    [InlineData("ns-storm", 0, "")]
    [InlineData("early-reader", 0, "")]
    [InlineData("idle", 0, "")]
    [InlineData("silent", 1, "the client sample got no answer for 5 s")]
    [InlineData("hostile", 1, "vdev 0 vring 0 is broken: id 16 out of range")]
    public void Every_program_runs_and_what_it_breaks_is_a_finding(string program, int exitCode, string finding)
    {
        RprocRun run = RprocRun.InProcess("run", "rpmsg-two-vdevs", "--program", program, "--virtual");
        Assert.Equal(exitCode, run.ExitCode);
        Assert.EndsWith("; nothing is left", run.Lines[^1], StringComparison.Ordinal);
        if (finding.Length > 0) Assert.Contains($"  {finding}", run.Lines);
    }

    [Fact]
    public void A_broken_ring_stops_that_ring_alone()
    {
        RprocRun run = RprocRun.InProcess("run", "rpmsg-two-vdevs", "--program", "hostile", "--virtual", "--json");
        using JsonDocument document = JsonDocument.Parse(run.Output);
        JsonElement[] rows = [.. document.RootElement.GetProperty("messages").EnumerateArray()];
        Assert.Equal([0, 1000], rows.Select(row => row.GetProperty("verified").GetInt32()));
    }

    [Fact]
    public void Rings_are_published_before_the_first_instruction_in_every_order_unless_the_era_is_D()
    {
        static string[] AddressesAtStart(string era, int seed)
        {
            RprocRun run = RprocRun.InProcess("run", "rpmsg-echo", "--virtual", "--era", era, "--seed", $"{seed}");
            Assert.Equal(0, run.ExitCode);
            string[] rings = [.. run.Lines.SkipWhile(line => line != "Vrings").Skip(2).Take(2)];
            return [.. rings.Select(line => line.Split(' ', StringSplitOptions.RemoveEmptyEntries)[1])];
        }

        int early = 0;
        for (int seed = 1; seed <= 10; seed++)
        {
            Assert.Equal(["0xa0000000", "0xa0001000"], AddressesAtStart("Emu", seed));
            if (AddressesAtStart("D", seed).Contains("ANY")) early++;
        }

        Assert.True(early > 0, "in era D the firmware may be earlier than the driver");
    }

    [Fact]
    public void Every_era_is_in_the_help_and_runs_under_its_name_in_small_letters()
    {
        RprocRun help = RprocRun.InProcess("run", "--help");
        foreach (Era era in Era.All)
        {
            Assert.Contains(help.Lines, line => line.StartsWith($"  {era.Name} ", StringComparison.Ordinal));
            RprocRun run = RprocRun.InProcess("run", "rpmsg-echo", "--virtual", "--era", era.Name.ToLowerInvariant());
            Assert.Equal((0, ""), (run.ExitCode, run.Error));
            Assert.Contains(run.Lines, line => line.Contains($"era {era.Name}, ", StringComparison.Ordinal));
            Assert.EndsWith("; nothing is left", run.Lines[^1], StringComparison.Ordinal);
        }
    }

    [Fact]
    public void JSON_holds_what_is_promised()
    {
        RprocRun run = RprocRun.InProcess("run", "--virtual", "--json", "--log");
        using JsonDocument document = JsonDocument.Parse(run.Output);
        JsonElement root = document.RootElement;
        string[] promised =
        [
            "schema", "file", "outcome", "exit_code", "era", "virtual", "seed", "boot", "program", "booted", "duration_ns", "crashes",
            "core_dump_size", "elf", "table", "memory", "memory_map", "vrings", "vdevs", "channels", "messages", "streams", "pings",
            "kicks", "traces", "left", "findings", "log",
        ];
        Assert.Equal(promised, root.EnumerateObject().Select(member => member.Name));
        Assert.Equal("ok", root.GetProperty("outcome").GetString());
        Assert.Equal(0, root.GetProperty("exit_code").GetInt32());
        Assert.Equal(1, root.GetProperty("crashes").GetInt32());
        JsonElement vring = root.GetProperty("vrings")[0];
        Assert.Equal(root.GetProperty("memory")[0].GetProperty("da").GetUInt64(), vring.GetProperty("da_at_start").GetUInt64());
        Assert.Equal(1000, root.GetProperty("messages")[0].GetProperty("verified").GetInt32());
        Assert.Equal(JsonValueKind.Null, root.GetProperty("messages")[0].GetProperty("messages_per_second").ValueKind);
        Assert.True(root.GetProperty("log").GetArrayLength() > 20);
        Assert.Equal("rpmsg-client-sample", root.GetProperty("channels")[0].GetProperty("service").GetString());
    }

    [Fact]
    public void A_refusal_is_JSON_too()
    {
        RprocRun run = RprocRun.InProcess("run", "empty-table", "--json");
        using JsonDocument document = JsonDocument.Parse(run.Output);
        Assert.Equal("refused", document.RootElement.GetProperty("outcome").GetString());
        Assert.Equal("-EINVAL", document.RootElement.GetProperty("refusal").GetProperty("errno").GetString());
        Assert.Equal(3, run.ExitCode);
    }

    [Fact]
    public void The_core_dump_is_an_ELF_file()
    {
        using TemporaryFile file = new("core", []);
        RprocRun run = RprocRun.InProcess("run", "--virtual", "--crash-after", "10", "--messages", "20", "--coredump", file.Path);
        Assert.Equal(0, run.ExitCode);
        byte[] dump = File.ReadAllBytes(file.Path);
        Assert.Equal([0x7F, (byte)'E', (byte)'L', (byte)'F'], dump[..4]);
        Assert.Equal(4, BitConverter.ToUInt16(dump, 16)); // ET_CORE
    }

    [Fact]
    public void The_log_alone_and_the_last_line_alone()
    {
        Assert.All(RprocRun.InProcess("run", "--virtual", "--log").Lines, line => Assert.StartsWith("[ ", line, StringComparison.Ordinal));
        Assert.Equal([DefaultLastLine], RprocRun.InProcess("run", "--virtual", "--quiet").Lines);
    }

    [Theory]
    [InlineData("run", "--boot", "later")]
    [InlineData("run", "--program", "doom")]
    [InlineData("run", "--messages", "0")]
    [InlineData("run", "--messages", "many")]
    [InlineData("run", "--seed", "1")]
    [InlineData("run", "--era", "E")]
    [InlineData("run", "--quiet", "--json")]
    [InlineData("run", "--crash-after", "-1")]
    [InlineData("run", "--crash-after", "1001")]
    [InlineData("run", "--crash-after", "1", "--program", "ping")]
    [InlineData("run", "net-eight", "--crash-after", "1")]
    [InlineData("run", "--tty", "--virtual")]
    [InlineData("run", "--tty", "--program", "echo")]
    [InlineData("run", "--tty", "--crash-after", "1")]
    [InlineData("run", "--tty", "--boot", "none")]
    [InlineData("run", "--tty", "--json")]
    [InlineData("run", "--tty", "net-eight")]
    [InlineData("run", "--program", "tty-echo")]
    [InlineData("run", "no-such-image")]
    public void What_cannot_be_is_usage(params string[] arguments)
    {
        RprocRun run = RprocRun.InProcess(arguments);
        Assert.Equal((2, ""), (run.ExitCode, run.Output));
        Assert.StartsWith("rproc: ", run.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Ctrl_C_stops_the_processor_in_order()
    {
        using Process process = RprocRun.Start("run", "rpmsg-echo", "--messages", "2000000000");
        string output = "";
        while (!output.Contains("to exchange", StringComparison.Ordinal)) output += await process.StandardOutput.ReadLineAsync() + "\n";
        await Task.Delay(200); // among the messages
        Assert.Equal(0, Kill(process.Id, Sigint));
        output += await process.StandardOutput.ReadToEndAsync();
        await process.WaitForExitAsync();
        Assert.Contains("stopped remote processor mcu\n", output, StringComparison.Ordinal);
        Assert.Matches(@"interrupted: rpmsg-echo.elf booted, [0-9,]+ messages each way, stopped; nothing is left\n$", output);
        Assert.Contains("interrupted: stopping the processor", await process.StandardError.ReadToEndAsync(), StringComparison.Ordinal);
        Assert.Equal(130, process.ExitCode);
    }

    [Fact]
    public async Task With_tty_a_shell_talks_to_the_firmware_until_Ctrl_C()
    {
        using Process process = RprocRun.Start("run", "--tty");
        string output = "";
        while (!output.Contains(" is /dev/pts/", StringComparison.Ordinal)) output += await process.StandardOutput.ReadLineAsync() + "\n";
        string path = output[output.IndexOf("/dev/pts/", StringComparison.Ordinal)..].Trim();
        string script = $"exec 3<>{path}; echo hello firmware >&3; read -r -t 20 -u 3 a; echo $a";
        using Process shell = Process.Start(new ProcessStartInfo("bash", ["-c", script])
        {
            RedirectStandardOutput = true,
        })!;
        Assert.Equal("hello firmware\n", await shell.StandardOutput.ReadToEndAsync());
        Assert.Equal(0, Kill(process.Id, Sigint));
        output += await process.StandardOutput.ReadToEndAsync();
        await process.WaitForExitAsync();
        Assert.Contains("/dev/ttyRPMSG0 is /dev/pts/", output, StringComparison.Ordinal);
        Assert.EndsWith("ok: rpmsg-echo.elf booted, stopped; nothing is left\n", output, StringComparison.Ordinal);
        Assert.Equal(0, process.ExitCode);
    }

    private const int Sigint = 2;

    [LibraryImport("libc", EntryPoint = "kill")]
    private static partial int Kill(int processId, int signal);

    private static void AssertInOrder(string[] lines, params string[] order)
    {
        int at = -1;
        foreach (string words in order)
        {
            at = Array.FindIndex(lines, at + 1, line => line.EndsWith(words, StringComparison.Ordinal));
            Assert.True(at >= 0, words);
        }
    }

    [Fact]
    public void Every_buffer_of_a_run_with_a_crash_is_given_back()
    {
        RprocRun run = RprocRun.InProcess(
            "run", "rpmsg-two-vdevs", "--virtual", "--messages", "1000", "--crash-after", "500", "--check-buffers");
        Assert.Equal(0, run.ExitCode);
        Assert.Matches("buffers: taken 2,[0-9]{3} times", run.Output);
    }
}
