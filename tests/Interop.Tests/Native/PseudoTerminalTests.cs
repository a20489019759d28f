using System;
using System.IO;
using System.Threading;
using RemoteprocEmu.Interop.Native;
using Xunit;

namespace RemoteprocEmu.Interop.Tests.Native;

public class PseudoTerminalTests
{
    [Fact]
    public void Bytes_pass_as_they_are_in_both_directions_and_nothing_is_echoed()
    {
        using PseudoTerminal terminal = PseudoTerminal.Open();
        using FileStream program = OpenProgram(terminal);
        byte[] all = new byte[256];
        for (int i = 0; i < all.Length; i++) all[i] = (byte)i; // among them CR, NL, ^C, ^D, ^S, ^Z
        program.Write(all);
        byte[] received = new byte[512];
        Assert.Equal(256, Read(terminal, received, 256));
        Assert.Equal(all, received[..256]);

        Assert.Equal(256, terminal.Write(all));
        program.ReadExactly(received, 0, 256);
        Assert.Equal(all, received[..256]);
        Assert.Equal(0, terminal.Read(received));
    }

    [Fact]
    public void Programs_come_and_go_and_what_nobody_reads_fills_it()
    {
        using PseudoTerminal terminal = PseudoTerminal.Open();
        for (int i = 0; i < 3; i++)
        {
            using FileStream program = OpenProgram(terminal);
            program.WriteByte((byte)'x');
        }

        byte[] buffer = new byte[16];
        Assert.Equal(3, Read(terminal, buffer, 3));
        int written = 0;
        int count;
        do written += count = terminal.Write(new byte[1024]);
        while (count > 0 && written < 1 << 20);
        Assert.InRange(written, 1024, 1 << 19);
    }

    [Fact]
    public void It_is_gone_with_its_owner()
    {
        PseudoTerminal terminal = PseudoTerminal.Open();
        FileStream program = OpenProgram(terminal);
        terminal.Dispose();
        Assert.ThrowsAny<IOException>(() => program.Write(new byte[1]));
        program.Dispose();
    }

    /// <summary>What a program has written comes a moment later: the system passes it on in a task of its own.</summary>
    private static int Read(PseudoTerminal terminal, Span<byte> buffer, int wanted)
    {
        int count = 0;
        for (int i = 0; i < 5_000 && count < wanted; i++)
        {
            int more = terminal.Read(buffer[count..]);
            count += more;
            if (more == 0) Thread.Sleep(1);
        }

        return count;
    }

    private static FileStream OpenProgram(PseudoTerminal terminal) =>
        new(terminal.Path, FileMode.Open, FileAccess.ReadWrite, FileShare.ReadWrite, bufferSize: 0);
}
