using System.Threading.Tasks;
using RemoteprocEmu.Firmware.Elf;
using RemoteprocEmu.Platform;

namespace RemoteprocEmu.Remoteproc.Boot;

/// <summary>Judges the image, before anything is acquired for it. Kernel: rproc_fw_sanity_check.</summary>
internal sealed class CheckImage : IBootStep
{
    /// <inheritdoc/>
    public string Name => "rproc_fw_sanity_check";

    /// <inheritdoc/>
    public ValueTask<Errno> AcquireAsync(Rproc rproc, BootImage image) => new(Open(rproc, image));

    internal static Errno Open(Rproc rproc, BootImage image)
    {
        ElfStatus status = ElfImage.TryOpen(image.File, out ElfImage elf, out ElfFault fault);
        if (status != ElfStatus.Ok)
        {
            rproc.Log.Error(rproc, $"{rproc.FirmwareName}: {fault}");
            return fault.Errno;
        }

        image.Elf = elf;
        rproc.Log.Info(rproc, $"Booting fw image {rproc.FirmwareName}, size {image.File.Length}");
        return Errno.Ok;
    }
}
