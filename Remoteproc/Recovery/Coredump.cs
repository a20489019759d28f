using System;
using System.IO;
using System.Threading.Tasks;
using CommunityToolkit.HighPerformance;
using CommunityToolkit.HighPerformance.Buffers;
using RemoteprocEmu.Firmware.CoreDump;
using RemoteprocEmu.Firmware.Elf;
using RemoteprocEmu.Platform;
using RemoteprocEmu.Platform.Memory;
using RemoteprocEmu.Platform.Tasks;
using RemoteprocEmu.Platform.Trace;

namespace RemoteprocEmu.Remoteproc.Recovery;

/// <summary>Dumps a crashed processor, between its stop and its new start, and keeps the last dump for whoever wants it.</summary>
/// <remarks>
/// Source: remoteproc_coredump.c, rproc_coredump; drivers/base/devcoredump.c keeps a dump for five minutes. Ours keeps a copied dump
/// until the
/// next one.
/// </remarks>
public sealed class Coredump
{
    /// <summary>How long an inline dump waits for its reader, ns.</summary>
    public const long InlineTimeoutNs = 5 * 60 * 1_000_000_000L;

    private static readonly NameSeries s_dumps = new("", " dump_done");

    private readonly Rproc _rproc;
    private readonly Completion _readerDone;
    private CoreDumpImage? _inline;

    internal Coredump(Rproc rproc)
    {
        _rproc = rproc;
        _readerDone = new Completion(rproc.Kernel.Scheduler, s_dumps[rproc.Name]);
    }

    /// <summary>Whether and how a crash is dumped: sysfs <c>coredump</c>.</summary>
    public CoredumpConfiguration Configuration { get; set; }

    /// <summary>The last copied dump, an ELF core file; empty when there is none.</summary>
    public ReadOnlyMemory<byte> Last { get; private set; }

    /// <summary>Reads from the inline dump that waits. Kernel: rproc_coredump_read.</summary>
    /// <returns>Bytes read: 0 at its end, or when none waits.</returns>
    public int ReadInline(ulong offset, Span<byte> into) => _inline?.Read(offset, into, ReadMemory) ?? 0;

    /// <summary>The reader has done with the inline dump: the recovery goes on. Kernel: rproc_coredump_free.</summary>
    public void ReleaseInline() => _readerDone.Complete();

    /// <summary>Dumps, if it is configured and there is something to dump. Kernel: rproc_coredump.</summary>
    internal async ValueTask TakeAsync()
    {
        if (Configuration == CoredumpConfiguration.Disabled) return;
        Errno errno = await _rproc.StepAsync("rproc_coredump");
        if (errno != Errno.Ok) return; // no memory for a dump: the recovery goes on without
        CoreDumpImage? image = CoreDumpImage.TryCreate(_rproc.ElfClass ?? ElfClass.None, _rproc.ElfMachine,
            new DeviceAddress(_rproc.BootAddress), _rproc.DumpSegments, out CoreDumpStatus status);
        if (image is null)
        {
            if (status != CoreDumpStatus.NoSegments) _rproc.Log.Error(_rproc, $"no core dump: {status}");
            return;
        }

        if (Configuration == CoredumpConfiguration.Enabled)
        {
            using ArrayPoolBufferWriter<byte> writer = new((int)Math.Min(image.SizeBytes, int.MaxValue));
            using Stream stream = writer.AsStream();
            image.WriteTo(stream, ReadMemory);
            Last = writer.WrittenMemory.ToArray();
            _rproc.Kernel.Scheduler.Trace.Emit(TraceKind.Step, "dev_coredumpv", 0, image.SizeBytes);
            return;
        }

        _inline = image;
        _readerDone.Reset();
        _ = await _readerDone.WaitAsync(InlineTimeoutNs); // read or not, after five minutes the recovery goes on
        _inline = null;
    }

    private bool ReadMemory(DeviceAddress address, Span<byte> into)
    {
        if (_rproc.DaToVa(address, (ulong)into.Length) is not { } memory) return false;
        memory.Span.CopyTo(into);
        return true;
    }
}
