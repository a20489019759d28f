using System.Threading.Tasks;
using RemoteprocEmu.Platform;

namespace RemoteprocEmu.Remoteproc.Boot;

/// <summary>The steps of a boot, in the kernel's order, and the one way to run them: up in order, on an error down in reverse.</summary>
internal static class BootSequence
{
    /// <summary>What precedes the start. Kernel: rproc_fw_boot.</summary>
    private static readonly IBootStep[] s_firmwareBoot =
    [
        new CheckImage(), new EnableIommu(), new Prepare(), new ParseFirmware(), new HandleResources(), new AllocateCarveouts(),
    ];

    /// <summary>The start. Kernel: rproc_start; a recovery runs this part alone.</summary>
    private static readonly IBootStep[] s_start =
    [
        new LoadSegments(), new PlaceTable(), new PrepareSubdevices(), new StartCore(), new StartSubdevices(),
    ];

    private static readonly IBootStep[] s_all = [.. s_firmwareBoot, .. s_start];

    /// <summary>Everything, from the image to a processor that is up. Kernel: rproc_fw_boot with rproc_start.</summary>
    internal static ValueTask<Errno> BootAsync(Rproc rproc, BootImage image) => RunAsync(s_all, rproc, image);

    /// <summary>The start alone, with an image that is checked anew and resources that are still there. Kernel: rproc_start.</summary>
    internal static ValueTask<Errno> StartAsync(Rproc rproc, BootImage image) => RunAsync(s_start, rproc, image);

    private static async ValueTask<Errno> RunAsync(IBootStep[] steps, Rproc rproc, BootImage image)
    {
        for (int i = 0; i < steps.Length; i++)
        {
            Errno errno = await rproc.StepAsync(steps[i].Name);
            if (errno == Errno.Ok) errno = await steps[i].AcquireAsync(rproc, image);
            if (errno == Errno.Ok) continue;
            while (--i >= 0) await steps[i].ReleaseAsync(rproc);
            return errno;
        }

        rproc.SetState(Lifecycle.RprocState.Running); // only now, after the vdevs have started
        rproc.Log.Info(rproc, $"remote processor {rproc.RprocName} is now up");
        return Errno.Ok;
    }
}
