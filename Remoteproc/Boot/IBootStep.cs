using System.Threading.Tasks;
using RemoteprocEmu.Platform;

namespace RemoteprocEmu.Remoteproc.Boot;

/// <summary>One thing that a boot acquires, and how it is given back.</summary>
internal interface IBootStep
{
    /// <summary>
    /// The kernel function, as the trace and a fault plan name it; null for a line of one, which cannot fail and gives way to nobody.
    /// </summary>
    string? Name { get; }

    /// <summary>Acquires. On an error it has acquired nothing.</summary>
    ValueTask<Errno> AcquireAsync(Rproc rproc, BootImage image);

    /// <summary>Gives back, when a later step failed. Cannot fail.</summary>
    ValueTask ReleaseAsync(Rproc rproc) => ValueTask.CompletedTask;
}
