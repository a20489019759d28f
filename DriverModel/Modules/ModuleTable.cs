using System;
using System.Collections.Generic;
using System.Linq;
using System.Threading.Tasks;
using RemoteprocEmu.Platform;
using RemoteprocEmu.Platform.Tasks;

namespace RemoteprocEmu.DriverModel.Modules;

/// <summary>insmod, rmmod and lsmod. Source: kernel/module/main.c.</summary>
public sealed class ModuleTable(Scheduler scheduler)
{
    private readonly Mutex _mutex = new(scheduler, "module_mutex");
    private readonly List<KernelModule> _modules = [];
    private readonly SharedState _shared = new(scheduler, "modules");

    /// <summary>Modules that are loaded, loading or unloading, in order of loading.</summary>
    public IReadOnlyList<KernelModule> Loaded
    {
        get
        {
            _shared.Read();
            return _modules;
        }
    }

    /// <summary>Loads a module and runs its init. Kernel: init_module(2), do_init_module.</summary>
    /// <returns>
    /// Ok; EEXIST when one of that name is there; ENOENT when one that it depends on is not (unknown symbol); EAGAIN when that one is
    /// on its way out; or what its init returned. On an error the module is not there and holds nothing.
    /// </returns>
    public async ValueTask<Errno> InsmodAsync(KernelModule module)
    {
        ArgumentNullException.ThrowIfNull(module);
        await _mutex.LockAsync();
        List<KernelModule> held = [];
        Errno errno = Find(module.Name) is null ? Errno.Ok : Errno.EEXIST;
        foreach (string name in errno == Errno.Ok ? module.DependsOn : [])
        {
            KernelModule? other = Find(name);
            errno = other is null ? Errno.ENOENT : other.State == ModuleState.Live && other.TryGet() ? Errno.Ok : Errno.EAGAIN;
            if (errno != Errno.Ok) break;
            held.Add(other!);
        }

        if (errno == Errno.Ok)
        {
            module.State = ModuleState.Coming;
            _shared.Write();
            _modules.Add(module);
        }

        _mutex.Unlock();
        if (errno == Errno.Ok)
        {
            errno = await module.InitAsync();
            if (errno == Errno.Ok)
            {
                module.State = ModuleState.Live;
                return Errno.Ok;
            }

            await _mutex.LockAsync();
            module.State = ModuleState.Unloaded;
            _shared.Write();
            _ = _modules.Remove(module); // it is there: added above
            _mutex.Unlock();
        }

        foreach (KernelModule other in held) other.Put();
        return errno;
    }

    /// <summary>Unloads a module. Kernel: delete_module(2) with O_NONBLOCK, as rmmod calls it.</summary>
    /// <returns>
    /// Ok; ENOENT when it is not there; EAGAIN (EWOULDBLOCK, "Module is in use") when it is referenced or another depends on it; EBUSY
    /// when its init or exit runs.
    /// </returns>
    public async ValueTask<Errno> RmmodAsync(string name)
    {
        await _mutex.LockAsync();
        KernelModule? module = Find(name);
        Errno errno = module switch
        {
            null => Errno.ENOENT,
            _ when IsNeeded(name) => Errno.EAGAIN,
            { State: not ModuleState.Live } => Errno.EBUSY,
            _ => module.TryStop() ? Errno.Ok : Errno.EAGAIN,
        };
        _mutex.Unlock();
        if (errno != Errno.Ok) return errno;

        await module!.ExitAsync();
        await _mutex.LockAsync();
        module.State = ModuleState.Unloaded;
        _shared.Write();
        _ = _modules.Remove(module); // it is there: found above, and only this task may take it off now
        foreach (string other in module.DependsOn) Find(other)?.Put();
        _mutex.Unlock();
        return Errno.Ok;
    }

    /// <summary>The module of a name; null when it is not loaded.</summary>
    public KernelModule? Find(string name)
    {
        _shared.Read();
        foreach (KernelModule module in _modules)
        {
            if (module.Name == name) return module;
        }

        return null;
    }

    private bool IsNeeded(string name)
    {
        foreach (KernelModule module in _modules)
        {
            if (module.DependsOn.Contains(name)) return true;
        }

        return false;
    }
}
