using System;
using System.IO;
using System.Text.Json;
using Xunit;

namespace RemoteprocEmu.TwoProcess.Tests;

/// <summary>Two processes of ours over the link of OpenAMP's: it is really shared memory.</summary>
public class LinkTests
{
    private static int Messages => LinkScale.IsFull ? 100_000 : 5_000;

    [Theory]
    [InlineData("server", "client", false)]
    [InlineData("client", "server", false)]
    [InlineData("server", "client", true)]
    [InlineData("client", "server", true)]
    public void Every_echo_comes_back_whole_and_in_order(string hostSide, string remoteSide, bool polls)
    {
        using LinkFolder folder = new();
        string[] poll = polls ? ["--poll"] : [];
        using LinkProcess remote = LinkProcess.Start(folder.Path, "remote", remoteSide, ["--json", .. poll]);
        using LinkProcess host = LinkProcess.Start(folder.Path, "host", hostSide, ["--json", "--messages", $"{Messages}", .. poll]);
        Assert.True(host.WaitForEnd() == 0, host.ToString());
        Assert.True(remote.WaitForEnd() == 0, remote.ToString());
        JsonElement report = host.Json();
        Assert.Equal(Messages, report.GetProperty("verified").GetInt32());
        Assert.Equal(0, report.GetProperty("sent_again").GetInt32() + report.GetProperty("crashes").GetInt32());
        Assert.Equal(0, report.GetProperty("left").GetArrayLength());
        Assert.Equal(Messages + 1, remote.Json().GetProperty("received").GetInt32()); // and the shutdown word
        folder.AssertIsEmpty();
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void What_goes_one_way_is_counted_by_the_remote(bool polls)
    {
        using LinkFolder folder = new();
        string[] poll = polls ? ["--poll"] : [];
        using LinkProcess remote = LinkProcess.Start(folder.Path, "remote", "server", ["--json", "--program", "count", .. poll]);
        string[] options = ["--json", "--one-way", "--messages", $"{Messages}", .. poll];
        using LinkProcess host = LinkProcess.Start(folder.Path, "host", "client", options);
        Assert.True(host.WaitForEnd() == 0, host.ToString());
        Assert.Equal(Messages, host.Json().GetProperty("verified").GetInt32());
        Assert.Equal(0, host.Json().GetProperty("altered").GetInt32());
        Assert.Equal(0, remote.WaitForEnd());
        Assert.Equal(Messages + 1, remote.Json().GetProperty("received").GetInt32()); // and the question
        folder.AssertIsEmpty();
    }

    [Fact]
    public void A_burst_costs_one_kick()
    {
        using LinkFolder folder = new();
        using LinkProcess remote = LinkProcess.Start(folder.Path, "remote", "server", "--json");
        using LinkProcess host = LinkProcess.Start(folder.Path, "host", "client", "--json", "--messages", $"{Messages}");
        Assert.Equal(0, host.WaitForEnd());
        Assert.InRange(host.Json().GetProperty("kicks_sent").GetInt32(), 1, Messages / 4);
        Assert.InRange(host.Json().GetProperty("kicks_received").GetInt32(), 1, Messages / 4);
    }

    [Fact]
    public void Polling_processes_kick_for_nothing_but_the_beginning()
    {
        using LinkFolder folder = new();
        using LinkProcess remote = LinkProcess.Start(folder.Path, "remote", "server", "--json", "--poll");
        using LinkProcess host = LinkProcess.Start(folder.Path, "host", "client", "--json", "--poll", "--messages", $"{Messages}");
        Assert.Equal(0, host.WaitForEnd());
        Assert.InRange(host.Json().GetProperty("kicks_sent").GetInt32(), 0, 3);
        Assert.InRange(host.Json().GetProperty("kicks_received").GetInt32(), 0, 3);
    }

    [Fact]
    public void Another_program_announces_another_service_and_is_talked_to_as_well()
    {
        using LinkFolder folder = new();
        using LinkProcess remote = LinkProcess.Start(folder.Path, "remote", "server", "--program", "echo", "--json");
        using LinkProcess host = LinkProcess.Start(folder.Path, "host", "client", "--json", "--messages", "100");
        Assert.Equal(0, host.WaitForEnd());
        Assert.Equal("rpmsg-client-sample", host.Json().GetProperty("service").GetString());
        Assert.Equal(0, remote.WaitForEnd()); // a host that has reset the device and hung up is gone for good
        folder.AssertIsEmpty();
    }

    [Fact]
    public void A_remote_that_breaks_a_ring_is_a_finding()
    {
        using LinkFolder folder = new();
        using LinkProcess remote = LinkProcess.Start(folder.Path, "remote", "server", "--program", "hostile", "--json");
        using LinkProcess host = LinkProcess.Start(folder.Path, "host", "client");
        Assert.Equal(1, host.WaitForEnd());
        Assert.Contains("virtio0 input is broken: id ", host.ToString(), StringComparison.Ordinal);
        Assert.Equal(0, remote.WaitForEnd());
        folder.AssertIsEmpty();
    }

    [Fact]
    public void A_program_that_crashes_is_a_crash_to_the_host_which_recovers()
    {
        using LinkFolder folder = new();
        using LinkProcess remote = LinkProcess.Start(folder.Path, "remote", "server", "--program", "crash-after", "--json");
        using LinkProcess host = LinkProcess.Start(folder.Path, "host", "client", "--json", "--messages", "1000");
        Assert.True(host.WaitForEnd() == 0, host.ToString());
        Assert.Equal(1, host.Json().GetProperty("crashes").GetInt32());
        Assert.Equal(0, remote.WaitForEnd());
        Assert.Equal(1, remote.Json().GetProperty("crashes").GetInt32());
        Assert.Equal(2, remote.Json().GetProperty("hosts").GetInt32());
        folder.AssertIsEmpty();
    }

    [Fact]
    public void The_files_are_the_users_alone()
    {
        using LinkFolder folder = new();
        using LinkProcess host = LinkProcess.Start(folder.Path, "host", "server");
        _ = host.WaitForLine("listens at");
        const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        Assert.Equal((OwnerOnly, OwnerOnly), (File.GetUnixFileMode(folder.MemoryPath), File.GetUnixFileMode(folder.SocketPath)));
    }

    [Theory]
    [InlineData("host", "server", "listens at")]
    [InlineData("host", "client", "looks for")]
    [InlineData("remote", "server", "listens at")]
    [InlineData("remote", "client", "looks for")]
    public void Ctrl_C_ends_a_wait_and_leaves_nothing(string role, string side, string line)
    {
        using LinkFolder folder = new();
        using LinkProcess process = LinkProcess.Start(folder.Path, role, side);
        _ = process.WaitForLine(line);
        process.Interrupt();
        Assert.Equal(130, process.WaitForEnd());
        folder.AssertIsEmpty();
    }

    [Fact]
    public void Ctrl_C_ends_an_exchange_and_the_remote_with_it()
    {
        using LinkFolder folder = new();
        using LinkProcess remote = LinkProcess.Start(folder.Path, "remote", "server");
        using LinkProcess host = LinkProcess.Start(folder.Path, "host", "client", "--messages", "1000000000");
        _ = host.WaitForLine("to exchange");
        host.Interrupt();
        Assert.Equal(130, host.WaitForEnd());
        Assert.StartsWith("interrupted: ", host.LastLine(), StringComparison.Ordinal);
        Assert.EndsWith("nothing is left", host.LastLine(), StringComparison.Ordinal);
        Assert.Equal(0, remote.WaitForEnd());
        folder.AssertIsEmpty();
    }
}
