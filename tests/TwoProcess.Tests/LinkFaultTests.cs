using System;
using System.IO;
using System.Net.Sockets;
using RemoteprocEmu.Interop.OpenAmp;
using Xunit;

namespace RemoteprocEmu.TwoProcess.Tests;

/// <summary>Peers that lie, places that cannot be had: what is said, and what the shell sees.</summary>
public class LinkFaultTests
{
    [Theory]
    [InlineData("host")]
    [InlineData("remote")]
    public void A_table_that_lies_is_refused_with_file_offset_and_value(string role)
    {
        using LinkFolder folder = new();
        byte[] memory = new byte[OpenAmpLayout.MemoryBytes];
        OpenAmpLayout.BuildTable().CopyTo(memory, 0);
        memory[0x2D] = 3;
        File.WriteAllBytes(folder.MemoryPath, memory);
        using Socket listener = Listen(folder.SocketPath);
        using LinkProcess process = LinkProcess.Start(folder.Path, role, "client");
        using Socket peer = listener.Accept();
        Assert.Equal(3, process.WaitForEnd());
        Assert.Contains($"{folder.MemoryPath}: offset 0x", process.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public void A_peer_that_sends_no_kicks_but_other_bytes_is_named()
    {
        using LinkFolder folder = new();
        using LinkProcess host = LinkProcess.Start(folder.Path, "host", "server", "--wait", "2");
        _ = host.WaitForLine("listens at");
        using (Socket peer = Connect(folder.SocketPath))
        {
            _ = host.WaitForLine("is now up");
            _ = peer.Send("\x01GET / HTTP/1.1"u8);
            _ = host.WaitForLine("handling crash #1");
            _ = host.WaitForLine("listens at", 2);
        }

        Assert.Equal(3, host.WaitForEnd());
        Assert.Contains($"{folder.SocketPath}: byte 0x47 after 1 kicks; a kick is 0x01", host.ToString(), StringComparison.Ordinal);
        folder.AssertIsEmpty();
    }

    [Fact]
    public void A_message_that_somebody_alters_on_its_way_is_a_finding()
    {
        using LinkFolder folder = new();
        using LinkProcess remote = LinkProcess.Start(folder.Path, "remote", "server");
        using LinkProcess host = LinkProcess.Start(folder.Path, "host", "client", "--messages", "300000");
        _ = host.WaitForLine("to exchange");
        using (FileStream memory = new(folder.MemoryPath, FileMode.Open, FileAccess.Write, FileShare.ReadWrite | FileShare.Delete))
        {
            const int End = OpenAmpLayout.BuffersOffset + OpenAmpLayout.BuffersBytes;
            for (int at = OpenAmpLayout.BuffersOffset; !host.HasSaid("message is not the one expected"); at = (at + 512) % End)
            {
                if (at < OpenAmpLayout.BuffersOffset) at = OpenAmpLayout.BuffersOffset;
                memory.Position = at + 100; // in the payload of every buffer, until one was on its way
                memory.WriteByte(0xEE);
            }
        }

        Assert.Equal(1, host.WaitForEnd());
        Assert.Contains(" altered", host.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public void A_message_that_is_altered_one_way_is_a_finding_too()
    {
        using LinkFolder folder = new();
        using LinkProcess remote = LinkProcess.Start(folder.Path, "remote", "server", "--program", "count");
        using LinkProcess host = LinkProcess.Start(folder.Path, "host", "client", "--one-way", "--messages", "300000");
        _ = host.WaitForLine("to send");
        using (FileStream memory = new(folder.MemoryPath, FileMode.Open, FileAccess.Write, FileShare.ReadWrite | FileShare.Delete))
        {
            for (int buffer = 0; !host.HasSaid("came whole and in order"); buffer = (buffer + 1) % 256)
            {
                memory.Position = 0x30000 + (512 * buffer) + 100; // in the payload of every buffer that the host sends, to the end
                memory.WriteByte(0xEE);
            }
        }

        Assert.Equal(1, host.WaitForEnd());
        Assert.Contains(" of 300000 messages came whole and in order, ", host.ToString(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("host", "server", "nobody has connected")]
    [InlineData("host", "client", "nobody listens")]
    [InlineData("remote", "server", "nobody has connected")]
    [InlineData("remote", "client", "nobody listens")]
    public void No_peer_in_time_is_a_finding(string role, string side, string words)
    {
        using LinkFolder folder = new();
        using LinkProcess process = LinkProcess.Start(folder.Path, role, side, "--wait", "0.2");
        Assert.Equal(1, process.WaitForEnd());
        Assert.Contains(words, process.ToString(), StringComparison.Ordinal);
        folder.AssertIsEmpty();
    }

    [Fact]
    public void A_command_that_ends_at_once_is_not_waited_for()
    {
        using LinkFolder folder = new();
        using LinkProcess host = LinkProcess.Start(folder.Path, "host", "server", "--command", "exit 7");
        Assert.Equal(1, host.WaitForEnd());
        Assert.Contains("exit 7: ended with 7 before it connected", host.ToString(), StringComparison.Ordinal);
        folder.AssertIsEmpty();
    }

    [Fact]
    public void A_role_that_another_process_plays_is_not_taken()
    {
        using LinkFolder folder = new();
        using LinkProcess first = LinkProcess.Start(folder.Path, "host", "server");
        _ = first.WaitForLine("listens at");
        using LinkProcess second = LinkProcess.Start(folder.Path, "host", "client");
        Assert.Equal(2, second.WaitForEnd());
        Assert.Contains($"{folder.MemoryPath}: another process is the host there already", second.Errors, StringComparison.Ordinal);
        first.Interrupt();
        Assert.Equal(130, first.WaitForEnd());
        folder.AssertIsEmpty();
    }

    [Fact]
    public void A_socket_on_which_another_process_listens_is_left_to_it()
    {
        using LinkFolder folder = new();
        using Socket listener = Listen(folder.SocketPath);
        using LinkProcess host = LinkProcess.Start(folder.Path, "host", "server");
        Assert.Equal(2, host.WaitForEnd());
        Assert.Contains($"{folder.SocketPath}: another process listens there", host.ToString(), StringComparison.Ordinal);
        Assert.True(File.Exists(folder.SocketPath));
    }

    [Fact]
    public void A_path_that_is_too_long_for_a_socket_is_said_to_be()
    {
        using LinkFolder folder = new();
        string deep = Path.Combine(folder.Path, new string('d', 120));
        using LinkProcess host = LinkProcess.Start(deep, "host", "server");
        Assert.Equal(2, host.WaitForEnd());
        Assert.Contains("a socket's path has at most 107", host.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public void A_symbolic_link_in_place_of_the_memory_is_not_followed()
    {
        using LinkFolder folder = new();
        string target = Path.Combine(folder.Path, "victim");
        File.WriteAllText(target, "precious");
        _ = File.CreateSymbolicLink(folder.MemoryPath, target);
        using LinkProcess host = LinkProcess.Start(folder.Path, "host", "server");
        Assert.Equal(2, host.WaitForEnd());
        Assert.Contains("is a symbolic link", host.Errors, StringComparison.Ordinal);
        Assert.Equal("precious", File.ReadAllText(target));
    }

    private static Socket Listen(string path)
    {
        Socket listener = new(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        listener.Bind(new UnixDomainSocketEndPoint(path));
        listener.Listen(1);
        return listener;
    }

    private static Socket Connect(string path)
    {
        Socket socket = new(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        socket.Connect(new UnixDomainSocketEndPoint(path));
        return socket;
    }
}
