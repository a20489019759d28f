using System;
using System.Threading.Tasks;
using RemoteprocEmu.Firmware.Loading;
using RemoteprocEmu.Platform;

namespace RemoteprocEmu.Remoteproc.Boot;

/// <summary>Copies the image's segments into the processor's memory. Kernel: rproc_load_segments, rproc_elf_load_segments.</summary>
/// <remarks>Stops at the first segment that cannot be loaded; those before it stay written, as in the kernel.</remarks>
internal sealed class LoadSegments : IBootStep
{
    /// <inheritdoc/>
    public string Name => "rproc_load_segments";

    /// <inheritdoc/>
    public ValueTask<Errno> AcquireAsync(Rproc rproc, BootImage image)
    {
        Errno errno = Load(rproc, image);
        if (errno != Errno.Ok) rproc.Log.Error(rproc, $"Failed to load program segments: {errno.Kernel()}");
        return new ValueTask<Errno>(errno);
    }

    private static Errno Load(Rproc rproc, BootImage image)
    {
        foreach (LoadSegment segment in LoadPlan.Of(image.Elf))
        {
            if (segment.Status != LoadStatus.Ok)
            {
                rproc.Log.Error(rproc, $"phdr {segment.ProgramHeaderIndex}: {segment.Status.Explanation()}");
                return segment.Status.ToErrno();
            }

            if (rproc.DaToVa(segment.Address, segment.MemorySizeBytes) is not { } memory)
            {
                rproc.Log.Error(rproc, $"bad phdr da {segment.Address} mem 0x{segment.MemorySizeBytes:x}");
                return Errno.EINVAL;
            }

            Span<byte> bytes = memory.Span;
            segment.Data.Span.CopyTo(bytes);
            bytes[segment.Data.Length..].Clear();
        }

        return Errno.Ok;
    }
}
