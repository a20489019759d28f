namespace RemoteprocEmu.Platform.Faults;

/// <summary>Which named steps fail, and how. Asked at every place of the machine where the day can go wrong.</summary>
public interface IFaultPlan
{
    /// <summary>Asked when <paramref name="site"/> is reached.</summary>
    /// <param name="site">The kernel function, or function and object: <c>rproc_start</c>, <c>dma_alloc_coherent:vdev0vring0</c>.</param>
    /// <returns><see cref="Errno.Ok"/> to go on, or the error to fail with; nothing has been acquired yet.</returns>
    Errno At(string site);
}

/// <summary>Nothing fails.</summary>
public sealed class NoFaults : IFaultPlan
{
    /// <summary>The one instance; it has no state.</summary>
    public static readonly NoFaults Instance = new();

    private NoFaults() { }

    /// <inheritdoc/>
    public Errno At(string site) => Errno.Ok;
}

/// <summary>The n-th site that is reached fails, and no other: counted up from 0, every failure of a run is had in turn.</summary>
/// <param name="failAt">Which one, from 0; a number that is never reached fails nothing.</param>
/// <param name="errno">How it fails.</param>
public sealed class FailNth(int failAt, Errno errno) : IFaultPlan
{
    /// <summary>Sites reached so far.</summary>
    public int SiteCount { get; private set; }

    /// <summary>The site that failed; null while none has.</summary>
    public string? FailedSite { get; private set; }

    /// <inheritdoc/>
    public Errno At(string site)
    {
        if (SiteCount++ != failAt) return Errno.Ok;
        FailedSite = site;
        return errno;
    }
}
