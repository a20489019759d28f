using System;
using System.Threading.Tasks;
using RemoteprocEmu.Firmware.ResourceTable;
using RemoteprocEmu.Platform;
using RemoteprocEmu.Platform.Memory;

namespace RemoteprocEmu.Remoteproc.Boot;

/// <summary>
/// Takes the entry point, and refuses an image whose table is not the one that was read when the processor was added.
/// Kernel: rproc_fw_boot up to v4.8, table_csum.
/// </summary>
internal sealed class CompareTable : IBootStep
{
    /// <inheritdoc/>
    public string Name => "rproc_find_rsc_table";

    /// <inheritdoc/>
    public ValueTask<Errno> AcquireAsync(Rproc rproc, BootImage image)
    {
        ParseFirmware.TakeHeader(rproc, image);
        ResourceTableStatus status = ResourceTableSection.TryFind(image.Elf, out ResourceTableSection section);
        if (status != ResourceTableStatus.Ok)
        {
            rproc.Log.Error(rproc, $"{rproc.FirmwareName}: .resource_table: {status.Explanation()} (rule {status.RuleId()})");
            return new ValueTask<Errno>(Errno.EINVAL);
        }

        if (!section.Bytes.Span.SequenceEqual(rproc.RegisteredTable.Span)) // the kernel compares checksums
        {
            rproc.Log.Error(rproc, "resource checksum failed, fw changed?");
            return new ValueTask<Errno>(Errno.EINVAL);
        }

        Errno errno = rproc.Ops.AfterParse?.Invoke(rproc, image.Elf) ?? Errno.Ok;
        if (errno != Errno.Ok) rproc.ClearDumpSegments();
        return new ValueTask<Errno>(errno);
    }

    /// <inheritdoc/>
    public ValueTask ReleaseAsync(Rproc rproc)
    {
        rproc.ClearDumpSegments();
        rproc.TableAddress = DeviceAddress.Any;
        return ValueTask.CompletedTask;
    }
}
