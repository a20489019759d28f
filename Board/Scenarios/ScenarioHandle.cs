using System.Threading.Tasks;
using RemoteprocEmu.Platform;
using RemoteprocEmu.Remoteproc;

namespace RemoteprocEmu.Board.Scenarios;

/// <summary>A consumer's handle on a processor, and how often the consumer has it booted.</summary>
internal sealed class ScenarioHandle
{
    private Rproc? _rproc;
    private int _bootCount;

    /// <summary>Kernel: rproc_get_by_phandle.</summary>
    /// <returns>Ok; EBUSY when it is held already; ENODEV when there is no processor.</returns>
    public Errno Get(RemoteprocModule remoteproc, string parentName)
    {
        if (_rproc is not null) return Errno.EBUSY;
        _rproc = remoteproc.GetByPhandle(parentName);
        return _rproc is null ? Errno.ENODEV : Errno.Ok;
    }

    /// <summary>Kernel: rproc_boot.</summary>
    /// <returns>What it returned; ENODEV without a handle.</returns>
    public async ValueTask<Errno> BootAsync()
    {
        if (_rproc is not { } rproc) return Errno.ENODEV;
        Errno errno = await rproc.BootAsync();
        if (errno == Errno.Ok) _bootCount++;
        return errno;
    }

    /// <summary>Kernel: rproc_shutdown.</summary>
    /// <returns>What it returned; ENODEV without a handle.</returns>
    public async ValueTask<Errno> ShutdownAsync()
    {
        if (_rproc is not { } rproc) return Errno.ENODEV;
        Errno errno = await rproc.ShutdownAsync();
        if (errno == Errno.Ok && _bootCount > 0) _bootCount--;
        return errno;
    }

    /// <summary>Kernel: rproc_put.</summary>
    /// <returns>Ok; ENODEV without a handle.</returns>
    public Errno Put()
    {
        if (_rproc is not { } rproc) return Errno.ENODEV;
        _rproc = null;
        RemoteprocModule.Put(rproc);
        return Errno.Ok;
    }

    /// <summary>The consumer goes, and takes back what it did.</summary>
    public async ValueTask DropAsync()
    {
        for (int left = _bootCount; left > 0; left--) _ = await ShutdownAsync(); // one that is off has nothing to take back
        _ = Put(); // ENODEV when nothing is held
        _bootCount = 0;
    }

    /// <summary>A run was broken off.</summary>
    public void Forget() => (_rproc, _bootCount) = (null, 0);
}
