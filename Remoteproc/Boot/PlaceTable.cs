using System.Threading.Tasks;
using RemoteprocEmu.Firmware.Loading;
using RemoteprocEmu.Firmware.ResourceTable;
using RemoteprocEmu.Platform;
using RemoteprocEmu.Platform.Memory;
using RemoteprocEmu.Remoteproc.Eras;

namespace RemoteprocEmu.Remoteproc.Boot;

/// <summary>Puts the completed table where the firmware looks for it, and works on that copy from here on.</summary>
/// <remarks>
/// Kernel: rproc_find_loaded_rsc_table and the copy in rproc_start. Everything that was written before (notifyids, carveouts, and vring
/// addresses where the era publishes them) is what the firmware reads at its first instruction. When the place is not found, the
/// cached table stays in effect and the firmware never sees an update. <see cref="LoadedTable"/> says from when on ours is the copy.
/// </remarks>
internal sealed class PlaceTable : IBootStep
{
    /// <inheritdoc/>
    public string Name => "rproc_find_loaded_rsc_table";

    /// <inheritdoc/>
    public ValueTask<Errno> AcquireAsync(Rproc rproc, BootImage image)
    {
        rproc.TableAddress = DeviceAddress.Any;
        if (!rproc.Table.HasTable) return new ValueTask<Errno>(Errno.Ok);
        ResourceTableStatus status = LoadPlan.Of(image.Elf).TryFindLoadedTable(out ResourceTableSection section);
        if (status != ResourceTableStatus.Ok) return new ValueTask<Errno>(Errno.Ok);
        if (rproc.DaToVa(section.Address, (ulong)section.SizeBytes) is not { } loaded) return new ValueTask<Errno>(Errno.Ok);
        Errno errno = rproc.Era.LoadedTable == LoadedTable.FromStarted ? rproc.Table.CopyToLoaded(loaded) : rproc.Table.UseLoaded(loaded);
        if (errno != Errno.Ok) // a recovery found a smaller table in the file than the one that was parsed
        {
            rproc.Log.Warning(rproc, $"the table in {rproc.FirmwareName} has shrunk: the firmware will not see ours");
            return new ValueTask<Errno>(Errno.Ok);
        }

        rproc.TableAddress = section.Address;
        return new ValueTask<Errno>(Errno.Ok);
    }

    /// <inheritdoc/>
    public ValueTask ReleaseAsync(Rproc rproc)
    {
        rproc.Table.BackToCachedForStop();
        return ValueTask.CompletedTask;
    }
}
