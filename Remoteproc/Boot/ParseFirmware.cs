using System.Threading.Tasks;
using RemoteprocEmu.Firmware.ResourceTable;
using RemoteprocEmu.Platform;
using RemoteprocEmu.Platform.Memory;

namespace RemoteprocEmu.Remoteproc.Boot;

/// <summary>
/// Takes the entry point and a private copy of the resource table. Kernel: rproc_get_boot_addr, rproc_parse_fw,
/// rproc_elf_load_rsc_table.
/// </summary>
internal sealed class ParseFirmware : IBootStep
{
    /// <inheritdoc/>
    public string Name => "rproc_parse_fw";

    /// <inheritdoc/>
    public ValueTask<Errno> AcquireAsync(Rproc rproc, BootImage image)
    {
        TakeHeader(rproc, image);
        ResourceTableStatus status = ResourceTableSection.TryFind(image.Elf, out ResourceTableSection section);
        if (status == ResourceTableStatus.Ok)
        {
            rproc.Table.CacheFromFirmware(section.Bytes.Span);
        }
        else if (!rproc.Ops.ToleratesMissingTable)
        {
            string rule = $"(rule {status.RuleId()}, {status.ToErrno().Name()})";
            rproc.Log.Error(rproc, $"{rproc.FirmwareName}: .resource_table: {status.Explanation()} {rule}");
            return new ValueTask<Errno>(status.ToErrno());
        }

        Errno errno = rproc.Ops.AfterParse?.Invoke(rproc, image.Elf) ?? Errno.Ok;
        if (errno != Errno.Ok) Drop(rproc);
        rproc.NotifyIds.Reset();
        rproc.VdevCount = 0;
        return new ValueTask<Errno>(errno);
    }

    /// <inheritdoc/>
    public ValueTask ReleaseAsync(Rproc rproc)
    {
        Drop(rproc);
        return ValueTask.CompletedTask;
    }

    internal static void TakeHeader(Rproc rproc, BootImage image)
    {
        rproc.BootAddress = image.Elf.BootAddress.Value;
        rproc.ElfClass = image.Elf.Class;
        rproc.ElfMachine = image.Elf.Machine;
    }

    private static void Drop(Rproc rproc)
    {
        rproc.ClearDumpSegments(); // what the driver added on the way
        rproc.Table.Drop();
        rproc.TableAddress = DeviceAddress.Any;
    }
}
