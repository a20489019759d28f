using System.Threading.Tasks;
using RemoteprocEmu.Platform;
using RemoteprocEmu.Remoteproc.Eras;
using RemoteprocEmu.Remoteproc.Resources;

namespace RemoteprocEmu.Remoteproc.Boot;

/// <summary>
/// The steps of a boot, in the order of an era's kernels, and the one way to run them: up in order, on an error down in reverse.
/// </summary>
internal sealed class BootSequence
{
    private readonly IBootStep[] _start;
    private readonly IBootStep[] _all;

    internal BootSequence(Era era)
    {
        _start = StartOf(era);
        _all = [.. FirmwareBootOf(era), .. _start];
    }

    /// <summary>Everything, from the image to a processor that is up. Kernel: rproc_fw_boot with rproc_start.</summary>
    internal ValueTask<Errno> BootAsync(Rproc rproc, BootImage image) => RunAsync(_all, rproc, image);

    /// <summary>The start alone, with an image that is checked anew and resources that are still there. Kernel: rproc_start.</summary>
    internal ValueTask<Errno> StartAsync(Rproc rproc, BootImage image) => RunAsync(_start, rproc, image);

    /// <summary>What precedes the start. Kernel: rproc_fw_boot.</summary>
    private static IBootStep[] FirmwareBootOf(Era era) => era.VdevRegistration switch
    {
        VdevRegistration.AtRegistration =>
        [
            new RequireTable(), new CheckImage(), new EnableIommu(), new Prepare(), new CompareTable(),
            new HandleResources(ResourcePass.Others), new AllocateCarveouts(),
        ],
        VdevRegistration.BeforeSegments =>
        [
            new CheckImage(), new EnableIommu(), new Prepare(), new ParseFirmware(), new HandleResources(ResourcePass.Vdevs),
            new HandleResources(ResourcePass.Others), new AllocateCarveouts(),
        ],
        _ =>
        [
            new CheckImage(), new EnableIommu(), new Prepare(), new ParseFirmware(), new HandleResources(ResourcePass.All),
            new AllocateCarveouts(),
        ],
    };

    /// <summary>The start. Kernel: rproc_start; a recovery in place runs this part alone.</summary>
    private static IBootStep[] StartOf(Era era) =>
    [
        new LoadSegments(), new PlaceTable(), new PrepareSubdevices(), new StartCore(),
        .. era.LoadedTable == LoadedTable.FromStarted ? [new UseLoadedTable()] : (IBootStep[])[],
        .. era.RunningState == RunningState.AfterStart
            ? (IBootStep[])[new SetRunning(), new StartSubdevices()]
            : [new StartSubdevices(), new SetRunning()],
    ];

    private static async ValueTask<Errno> RunAsync(IBootStep[] steps, Rproc rproc, BootImage image)
    {
        for (int i = 0; i < steps.Length; i++)
        {
            Errno errno = steps[i].Name is { } name ? await rproc.StepAsync(name) : Errno.Ok;
            if (errno == Errno.Ok) errno = await steps[i].AcquireAsync(rproc, image);
            if (errno == Errno.Ok) continue;
            while (--i >= 0) await steps[i].ReleaseAsync(rproc);
            return errno;
        }

        return Errno.Ok;
    }
}
