using System;
using System.Buffers.Binary;
using System.Collections.Generic;
using System.Diagnostics;
using System.IO;
using System.Linq;
using System.Text;
using Xunit;

namespace RemoteprocEmu.Cli.Tests.Commands;

/// <summary><c>rproc run --capture</c>: the file is read back block by block, and by tshark where it is installed.</summary>
public class CaptureTests
{
    private const int LogLinkType = 148;
    private const int MessageLinkType = 147;

    [Fact]
    public void A_capture_has_every_message_of_both_vdevs_and_every_line_of_the_log()
    {
        using TemporaryFolder folder = new();
        string path = folder.File("run.pcapng");
        RprocRun run = RprocRun.InProcess("run", "rpmsg-two-vdevs", "--virtual", "--messages", "5", "--log", "--capture", path);
        Assert.Equal(0, run.ExitCode);
        (List<(int LinkType, string Name)> interfaces, List<Packet> packets) = Read(File.ReadAllBytes(path));

        Assert.Equal([(LogLinkType, "kernel log"), (MessageLinkType, "virtio0"), (MessageLinkType, "virtio1")], interfaces);
        Packet[] lines = [.. packets.Where(packet => packet.Interface == 0)];
        Assert.Equal(run.Lines.Select(WithoutTime), lines.Select(packet => Encoding.UTF8.GetString(packet.Bytes)));
        Assert.All(lines, packet => Assert.Equal(Encoding.UTF8.GetString(packet.Bytes), packet.Comment));
        foreach (int vdev in new[] { 1, 2 })
        {
            Packet[] messages = [.. packets.Where(packet => packet.Interface == vdev)];
            Assert.All(messages, static message =>
                Assert.Equal(message.Bytes.Length - 16, BinaryPrimitives.ReadUInt16LittleEndian(message.Bytes.AsSpan(12))));
            // The client sample's three and the five of the exchange, each way, and one announcement.
            Assert.Equal(8, messages.Count(message => message.Direction == 2));
            Assert.Equal(9, messages.Count(message => message.Direction == 1));
            Packet first = messages[0];
            Assert.Equal(0x35u, BinaryPrimitives.ReadUInt32LittleEndian(first.Bytes.AsSpan(4)));
            Assert.Equal("rpmsg-client-sample", Encoding.ASCII.GetString(first.Bytes.AsSpan(16, 32)).TrimEnd('\0'));
        }

        Assert.Equal(packets.Select(packet => packet.TimeNs).Order(), packets.Select(packet => packet.TimeNs));
    }

    [Fact]
    public void A_virtual_run_writes_the_same_file_each_time()
    {
        using TemporaryFolder folder = new();
        byte[][] files = new byte[2][];
        for (int i = 0; i < files.Length; i++)
        {
            string path = folder.File("run.pcapng");
            Assert.Equal(0, RprocRun.InProcess("run", "rpmsg-echo", "--virtual", "--seed", "7", "--quiet", "--capture", path).ExitCode);
            files[i] = File.ReadAllBytes(path);
        }

        Assert.Equal(files[0], files[1]);
    }

    [Fact]
    public void A_file_that_cannot_be_written_is_named_before_anything_runs()
    {
        RprocRun run = RprocRun.InProcess("run", "rpmsg-echo", "--virtual", "--quiet", "--capture", "/nowhere/run.pcapng");
        Assert.Equal(2, run.ExitCode);
        Assert.Contains("/nowhere/run.pcapng", run.Error, StringComparison.Ordinal);
    }

    [Fact]
    public void A_full_disk_ends_the_capture_and_not_the_run()
    {
        if (!File.Exists("/dev/full")) return; // Linux only
        RprocRun run = RprocRun.InProcess("run", "rpmsg-echo", "--virtual", "--quiet", "--capture", "/dev/full");
        Assert.Equal(2, run.ExitCode);
        Assert.Contains("/dev/full: No space left on device", run.Error, StringComparison.Ordinal);
    }

    [Fact]
    public void Tshark_and_the_dissector_read_it_back()
    {
        if (!HasTshark()) return; // said by docs/capture.md's own command, which CI lists as skipped then
        using TemporaryFolder folder = new();
        string path = folder.File("run.pcapng");
        Assert.Equal(0, RprocRun.InProcess("run", "rpmsg-two-vdevs", "--virtual", "--quiet", "--capture", path).ExitCode);
        (int exitCode, string output) = Tshark("-X", $"lua_script:{Dissector()}", "-r", path, "-Y", "rpmsg.ns.name", "-T", "fields",
            "-e", "frame.interface_name", "-e", "rpmsg.src", "-e", "rpmsg.ns.name", "-e", "rpmsg.ns.addr");
        Assert.Equal(0, exitCode);
        Assert.Equal(["virtio0\t0x00000400\trpmsg-client-sample\t0x00000400", "virtio1\t0x00000401\trpmsg-client-sample\t0x00000401"],
            output.TrimEnd('\n').Split('\n'));
    }

    private static string WithoutTime(string line) => line[(line.IndexOf(']', StringComparison.Ordinal) + 2)..];

    private static string Dissector()
    {
        for (DirectoryInfo? folder = new(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            string path = Path.Combine(folder.FullName, "tools", "wireshark", "rpmsg.lua");
            if (File.Exists(path)) return path;
        }

        throw new InvalidOperationException("tools/wireshark/rpmsg.lua is not above the tests");
    }

    private static bool HasTshark() =>
        (Environment.GetEnvironmentVariable("PATH") ?? "").Split(':').Any(folder => File.Exists(Path.Combine(folder, "tshark")));

    private static (int ExitCode, string Output) Tshark(params string[] arguments)
    {
        ProcessStartInfo info = new("tshark", arguments) { RedirectStandardOutput = true, RedirectStandardError = true };
        using Process process = Process.Start(info)!;
        System.Threading.Tasks.Task<string> error = process.StandardError.ReadToEndAsync();
        string output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        return (process.ExitCode, output);
    }

    /// <summary>A reader written from the format's description: blocks, each with its length at both ends.</summary>
    private static (List<(int LinkType, string Name)> Interfaces, List<Packet> Packets) Read(byte[] file)
    {
        List<(int, string)> interfaces = [];
        List<Packet> packets = [];
        for (int at = 0; at < file.Length;)
        {
            ReadOnlySpan<byte> block = file.AsSpan(at);
            int lengthBytes = BinaryPrimitives.ReadInt32LittleEndian(block[4..]);
            Assert.Equal(0, lengthBytes % 4);
            Assert.Equal(lengthBytes, BinaryPrimitives.ReadInt32LittleEndian(block[(lengthBytes - 4)..]));
            ReadOnlySpan<byte> body = block[8..(lengthBytes - 4)];
            uint type = BinaryPrimitives.ReadUInt32LittleEndian(block);
            if (at == 0) Assert.Equal(0x0A0D0D0Au, type);
            if (type == 1) interfaces.Add((BinaryPrimitives.ReadUInt16LittleEndian(body), Encoding.UTF8.GetString(Option(body[8..], 2))));
            if (type == 6)
            {
                int captured = BinaryPrimitives.ReadInt32LittleEndian(body[12..]);
                Assert.Equal(captured, BinaryPrimitives.ReadInt32LittleEndian(body[16..]));
                ReadOnlySpan<byte> options = body[(20 + ((captured + 3) & ~3))..];
                ReadOnlySpan<byte> flags = Option(options, 2);
                uint high = BinaryPrimitives.ReadUInt32LittleEndian(body[4..]), low = BinaryPrimitives.ReadUInt32LittleEndian(body[8..]);
                long timeNs = ((long)high << 32) | low;
                packets.Add(new Packet(BinaryPrimitives.ReadInt32LittleEndian(body), timeNs, body.Slice(20, captured).ToArray(),
                    flags.IsEmpty ? 0 : BinaryPrimitives.ReadInt32LittleEndian(flags), Encoding.UTF8.GetString(Option(options, 1))));
            }

            at += lengthBytes;
        }

        return (interfaces, packets);
    }

    private static ReadOnlySpan<byte> Option(ReadOnlySpan<byte> options, int code)
    {
        while (options.Length >= 4 && BinaryPrimitives.ReadUInt16LittleEndian(options) is var found and not 0)
        {
            int lengthBytes = BinaryPrimitives.ReadUInt16LittleEndian(options[2..]);
            if (found == code) return options.Slice(4, lengthBytes);
            options = options[(4 + ((lengthBytes + 3) & ~3))..];
        }

        return [];
    }

    private sealed record Packet(int Interface, long TimeNs, byte[] Bytes, int Direction, string Comment);
}
