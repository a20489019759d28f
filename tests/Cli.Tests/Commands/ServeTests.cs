using System.Diagnostics;
using System.IO;
using System.Net.Sockets;
using Xunit;

namespace RemoteprocEmu.Cli.Tests.Commands;

public class ServeTests
{
    [Fact]
    public void It_listens_on_a_socket_of_the_user_alone_and_removes_it_when_it_is_told_to_end()
    {
        using TemporaryFolder folder = new();
        string path = folder.File("rpmsg.sock");
        using Process server = RprocRun.Start("serve", "vhost-user", "--socket", path, "--json");
        string? line = server.StandardOutput.ReadLine();
        Assert.Contains("\"event\":\"listening\"", line);
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(path));

        RprocRun second = RprocRun.InProcess("serve", "vhost-user", "--socket", path);
        Assert.Equal((2, $"rproc: {path}: somebody listens there already\n"), (second.ExitCode, second.Error));

        using (Process kill = Process.Start("kill", $"{server.Id}")) kill.WaitForExit();
        string rest = server.StandardOutput.ReadToEnd();
        server.WaitForExit();
        Assert.Equal(0, server.ExitCode);
        Assert.Contains("\"event\":\"summary\"", rest);
        Assert.False(File.Exists(path));
    }

    [Fact]
    public void What_cannot_be_a_socket_is_left_as_it_is()
    {
        using TemporaryFolder folder = new();
        string file = folder.Write("text", "mine");
        RprocRun run = RprocRun.InProcess("serve", "vhost-user", "--socket", file);
        Assert.Equal(2, run.ExitCode);
        Assert.StartsWith($"rproc: {file}: exists, and is no socket", run.Error);
        Assert.Equal("mine", File.ReadAllText(file));
        run = RprocRun.InProcess("serve", "vhost-user", "--socket", folder.File("none/s"));
        Assert.Equal((2, $"rproc: {folder.File("none/s")}: there is no such folder\n"), (run.ExitCode, run.Error));
    }

    [Fact]
    public void A_socket_that_a_dead_server_has_left_is_replaced()
    {
        using TemporaryFolder folder = new();
        string path = folder.File("s");
        using (Process server = RprocRun.Start("serve", "vhost-user", "--socket", path))
        {
            Assert.Contains("listening", server.StandardOutput.ReadLine());
            server.Kill();
            server.WaitForExit();
        }

        Assert.True(File.Exists(path));
        using Process next = RprocRun.Start("serve", "vhost-user", "--socket", path);
        Assert.Contains("listening", next.StandardOutput.ReadLine());
        using Socket client = new(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        client.Connect(new UnixDomainSocketEndPoint(path));
        next.Kill();
        next.WaitForExit();
    }

    [Theory]
    [InlineData("pm-trace-only", 3)]     // no rpmsg vdev
    [InlineData("rpmsg-two-vdevs", 2)]   // two, for one socket
    public void An_image_must_have_a_vdev_for_each_socket(string image, int exitCode)
    {
        using TemporaryFolder folder = new();
        RprocRun run = RprocRun.InProcess("serve", "vhost-user", "--socket", folder.File("s"), image);
        Assert.Equal(exitCode, run.ExitCode);
        Assert.Contains("rpmsg vdev", run.Error);
        Assert.False(File.Exists(folder.File("s")));
    }
}
