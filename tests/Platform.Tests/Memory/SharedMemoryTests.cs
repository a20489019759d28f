using System;
using System.Diagnostics;
using System.IO;
using System.Text;
using RemoteprocEmu.Platform.Memory;
using Xunit;

namespace RemoteprocEmu.Platform.Tests.Memory;

public sealed class SharedMemoryTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("remoteproc-emu-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Theory]
    [InlineData(0, 4096)]
    [InlineData(1, 4096)]
    [InlineData(4096, 4096)]
    [InlineData(4097, 8192)]
    public void Memory_is_whole_pages_all_zero_and_page_aligned(long lengthBytes, long expectedBytes)
    {
        using SharedMemory memory = SharedMemory.Create("test", lengthBytes);
        Assert.Equal(expectedBytes, memory.LengthBytes);
        Assert.Equal(-1, memory.GetSpan().IndexOfAnyExcept((byte)0));
        unsafe
        {
            Assert.Equal(0, (long)memory.Base % SharedMemory.PageBytes);
        }
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Another_process_sees_what_is_written_and_writes_what_is_seen(bool isFile)
    {
        using SharedMemory memory = isFile ? SharedMemory.OpenFile(Path.Combine(_folder, "ddr"), 8192) : SharedMemory.Create("ddr", 8192);
        "from the host"u8.CopyTo(memory.Slice(4096, 13));
        Assert.Equal("from the host", Shell($"dd if={memory.Path} bs=1 skip=4096 count=13 status=none"));
        Assert.Equal("", Shell($"printf 'from another process' | dd of={memory.Path} bs=1 seek=100 conv=notrunc status=none"));
        Assert.Equal("from another process", Encoding.ASCII.GetString(memory.Slice(100, 20)));
    }

    [Fact]
    public void A_file_that_this_makes_is_for_its_user_alone_and_keeps_its_bytes()
    {
        string path = Path.Combine(_folder, "ddr");
        using (SharedMemory memory = SharedMemory.OpenFile(path, 5_000))
        {
            Assert.Equal(path, memory.Path);
            Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(path));
            Assert.Equal(8192, new FileInfo(path).Length);
            memory.Slice(8191, 1)[0] = 0xA5;
        }

        using (SharedMemory memory = SharedMemory.OpenFile(path, 8192))
        {
            Assert.Equal(0xA5, memory.Slice(8191, 1)[0]);
        }

        using (SharedMemory memory = SharedMemory.OpenFile(path, 4096)) // a part of it; the rest stays
        {
            Assert.Equal(4096, memory.LengthBytes);
            Assert.Equal(8192, new FileInfo(path).Length);
        }
    }

    [Fact]
    public void Two_mappings_of_one_file_are_one_memory()
    {
        string path = Path.Combine(_folder, "ddr");
        using SharedMemory first = SharedMemory.OpenFile(path, 4096), second = SharedMemory.OpenFile(path, 4096);
        first.Slice(17, 1)[0] = 0x5A;
        Assert.Equal(0x5A, second.Slice(17, 1)[0]);
        File.Delete(path);
        Assert.StartsWith("/proc/", first.Path, StringComparison.Ordinal); // still to be had, by another way
        Assert.Equal(0x5A, File.ReadAllBytes(first.Path)[17]);
    }

    [Theory]
    [InlineData(0, 4096, true)]
    [InlineData(4096, 0, true)]
    [InlineData(4095, 1, true)]
    [InlineData(4095, 2, false)]
    [InlineData(4096, 1, false)]
    [InlineData(4097, 0, false)]
    [InlineData(-1, 1, false)]
    [InlineData(0, -1, false)]
    [InlineData(0, int.MaxValue, false)]
    [InlineData(long.MaxValue, 1, false)]
    [InlineData(long.MinValue, 1, false)]
    public void A_slice_lies_inside_or_is_refused(long offset, int lengthBytes, bool isInside)
    {
        using SharedMemory memory = SharedMemory.Create("test", 4096);
        if (isInside)
        {
            Assert.Equal(lengthBytes, memory.Slice(offset, lengthBytes).Length);
            Assert.Equal(lengthBytes, memory.SliceMemory(offset, lengthBytes).Length);
            return;
        }

        Assert.Throws<ArgumentOutOfRangeException>(() => memory.Slice(offset, lengthBytes).Length);
        Assert.Throws<ArgumentOutOfRangeException>(() => memory.SliceMemory(offset, lengthBytes).Length);
    }

    [Fact]
    public void Stored_memory_is_the_same_bytes()
    {
        using SharedMemory memory = SharedMemory.Create("test", 8192);
        Memory<byte> stored = memory.SliceMemory(4096, 4096);
        stored.Span[5] = 9;
        Assert.Equal(9, memory.Slice(4101, 1)[0]);
        using System.Buffers.MemoryHandle pin = stored.Pin();
        unsafe
        {
            Assert.True(pin.Pointer == memory.Base + 4096);
        }
    }

    [Fact]
    public void After_Dispose_every_use_is_refused()
    {
        SharedMemory memory = SharedMemory.Create("test", 4096);
        Memory<byte> stored = memory.SliceMemory(0, 16);
        ((IDisposable)memory).Dispose();
        ((IDisposable)memory).Dispose();
        Assert.Throws<ObjectDisposedException>(() => memory.Slice(0, 1).Length);
        Assert.Throws<ObjectDisposedException>(() => memory.SliceMemory(0, 1).Length);
        Assert.Throws<ObjectDisposedException>(() => stored.Span.Length);
        unsafe
        {
            Assert.True(memory.Base is null);
        }
    }

    [Theory]
    [InlineData(SharedMemory.LengthBytesMax + 1)]
    [InlineData(long.MaxValue)]
    public void More_than_a_span_reaches_is_refused(long lengthBytes)
    {
        Assert.Throws<ArgumentOutOfRangeException>(() => SharedMemory.Create("test", lengthBytes));
        Assert.Throws<ArgumentOutOfRangeException>(() => SharedMemory.OpenFile(Path.Combine(_folder, "ddr"), lengthBytes));
        Assert.Throws<ArgumentOutOfRangeException>(() => SharedMemory.Create("test", -1));
    }

    [Fact]
    public void A_file_that_cannot_be_opened_says_so() =>
        Assert.ThrowsAny<IOException>(() => SharedMemory.OpenFile(Path.Combine(_folder, "no folder", "ddr"), 4096));

    private static string Shell(string command)
    {
        using Process process = Process.Start(new ProcessStartInfo("/bin/sh", ["-c", command])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        })!;
        string output = process.StandardOutput.ReadToEnd();
        string error = process.StandardError.ReadToEnd();
        process.WaitForExit();
        return process.ExitCode == 0 ? output : error;
    }
}
