using System;
using System.Diagnostics;
using System.Globalization;
using System.Threading;
using Xunit;

namespace RemoteprocEmu.TwoProcess.Tests;

/// <summary>One of two processes is killed at random, again and again: a crash each time, a recovery, and the channel is back.</summary>
public class LinkKillTests
{
    private const string Endless = "1000000000";
    private const int RandomMs = 300;

    [Theory]
    [InlineData("server", "client")]
    [InlineData("client", "server")]
    public void The_host_starts_a_killed_remote_again(string hostSide, string remoteSide)
    {
        using LinkFolder folder = new();
        string command = LinkProcess.CommandLine(folder.Path, "remote", remoteSide, "--quiet", "--wait", "10");
        using LinkProcess host = LinkProcess.Start(folder.Path, "host", hostSide, "--messages", Endless, "--command", command);
        Random random = new(hostSide.Length);
        string[] holdings = [];
        for (int kill = 0; kill <= LinkScale.Kills; kill++)
        {
            string line = host.WaitForLine("a peer has come: process ", kill + 1);
            _ = host.WaitForLine("to exchange", kill + 1);
            if (kill == 0) holdings = host.Holdings();
            else Assert.Equal(holdings, host.Holdings());
            if (kill == LinkScale.Kills) break;
            Thread.Sleep(random.Next(RandomMs));
            using Process remote = Process.GetProcessById(int.Parse(line[(line.LastIndexOf(' ') + 1)..], CultureInfo.InvariantCulture));
            remote.Kill();
        }

        AssertEndsWell(host, LinkScale.Kills);
        folder.AssertIsEmpty();
    }

    [Theory]
    [InlineData("server", "client")]
    [InlineData("client", "server")]
    public void The_host_waits_for_the_next_remote_when_one_is_killed(string hostSide, string remoteSide)
    {
        using LinkFolder folder = new();
        using LinkProcess host = LinkProcess.Start(folder.Path, "host", hostSide, "--messages", Endless);
        Random random = new(hostSide.Length + 10);
        string[] holdings = [];
        for (int kill = 0; kill < LinkScale.Kills; kill++)
        {
            using LinkProcess remote = LinkProcess.Start(folder.Path, "remote", remoteSide);
            _ = host.WaitForLine("to exchange", kill + 1);
            if (kill == 0) holdings = host.Holdings();
            else Assert.Equal(holdings, host.Holdings());
            Thread.Sleep(random.Next(RandomMs));
            remote.Kill();
            _ = host.WaitForLine("handling crash #", kill + 1);
        }

        using LinkProcess last = LinkProcess.Start(folder.Path, "remote", remoteSide);
        _ = host.WaitForLine("to exchange", LinkScale.Kills + 1);
        AssertEndsWell(host, LinkScale.Kills);
        Assert.Equal(0, last.WaitForEnd());
        folder.AssertIsEmpty();
    }

    [Theory]
    [InlineData("server", "client")]
    [InlineData("client", "server")]
    public void The_remote_waits_for_the_next_host_when_one_is_killed(string hostSide, string remoteSide)
    {
        using LinkFolder folder = new();
        using LinkProcess remote = LinkProcess.Start(folder.Path, "remote", remoteSide);
        Random random = new(hostSide.Length + 20);
        string[] holdings = [];
        for (int kill = 0; kill < LinkScale.Kills; kill++)
        {
            using LinkProcess host = LinkProcess.Start(folder.Path, "host", hostSide, "--messages", Endless);
            _ = host.WaitForLine("to exchange");
            if (kill == 0) holdings = remote.Holdings();
            else Assert.Equal(holdings, remote.Holdings());
            Thread.Sleep(random.Next(RandomMs));
            host.Kill();
            _ = remote.WaitForLine("the host has vanished", kill + 1);
        }

        using LinkProcess last = LinkProcess.Start(folder.Path, "host", hostSide, "--messages", "1000");
        Assert.True(last.WaitForEnd() == 0, last.ToString());
        Assert.Equal(0, remote.WaitForEnd());
        Assert.Contains($"served {LinkScale.Kills + 1} hosts, {LinkScale.Kills} vanished", remote.LastLine(), StringComparison.Ordinal);
        folder.AssertIsEmpty();
    }

    [Fact]
    public void What_two_killed_processes_leave_is_used_again_and_removed()
    {
        using LinkFolder folder = new();
        using (LinkProcess remote = LinkProcess.Start(folder.Path, "remote", "server"))
        {
            using LinkProcess host = LinkProcess.Start(folder.Path, "host", "client", "--messages", Endless);
            _ = host.WaitForLine("to exchange");
            host.Kill();
            _ = remote.WaitForLine("listens at", 2);
            remote.Kill();
        }

        Assert.Equal((true, true), (System.IO.File.Exists(folder.MemoryPath), System.IO.File.Exists(folder.SocketPath)));
        using LinkProcess next = LinkProcess.Start(folder.Path, "remote", "server");
        using LinkProcess nextHost = LinkProcess.Start(folder.Path, "host", "client", "--messages", "100");
        Assert.True(nextHost.WaitForEnd() == 0, nextHost.ToString());
        Assert.Equal(0, next.WaitForEnd());
        folder.AssertIsEmpty();
    }

    /// <summary>So many crashes, and nothing is left of any of them.</summary>
    private static void AssertEndsWell(LinkProcess host, int crashes)
    {
        host.Interrupt();
        Assert.Equal(130, host.WaitForEnd());
        Assert.StartsWith("interrupted: ", host.LastLine(), StringComparison.Ordinal);
        Assert.EndsWith($"{crashes} crashes; nothing is left", host.LastLine(), StringComparison.Ordinal);
    }
}
