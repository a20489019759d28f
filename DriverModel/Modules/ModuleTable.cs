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
    private const long InitWaitNs = 30_000_000_000; // resolve_symbol_wait

    private readonly Mutex _mutex = new(scheduler, "module_mutex");
    private readonly WaitQueue _initEnded = new(scheduler, "module_wq");
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

    /// <summary>
    /// Loads a module and runs its init. While the init of one of that name, or of one that it depends on, runs, it waits for its end.
    /// Kernel: init_module(2), module_patient_check_exists (v6.3), resolve_symbol_wait, do_init_module.
    /// </summary>
    /// <returns>
    /// Ok; EEXIST when one of that name is loaded; EBUSY when one is on its way out, or failed to load while this one waited for it; ENOENT
    /// when one that it depends on is not there or on its way out (unknown symbol), EBUSY when the init of that one takes more than 30 s;
    /// or what its init returned. On an error the module is not there and holds nothing.
    /// </returns>
    public async ValueTask<Errno> InsmodAsync(KernelModule module)
    {
        ArgumentNullException.ThrowIfNull(module);
        await _mutex.LockAsync();
        Errno errno = await AwaitInitsAsync(module);
        if (errno == Errno.Ok)
        {
            foreach (string name in module.DependsOn)
            {
                bool isHeld = Find(name)!.TryGet();
                Invariant.Check(isHeld, "a live module can be held");
            }

            module.State = ModuleState.Coming;
            _shared.Write();
            _modules.Add(module);
        }

        _mutex.Unlock();
        if (errno != Errno.Ok) return errno;
        errno = await module.InitAsync();
        if (errno == Errno.Ok)
        {
            module.State = ModuleState.Live;
        }
        else
        {
            await _mutex.LockAsync();
            Remove(module);
            _mutex.Unlock();
        }

        _initEnded.WakeAll();
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
        Remove(module);
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

    /// <summary>Under the lock, which it drops while it waits: until the inits that stand in the way have ended.</summary>
    /// <returns>Ok when the module may be added; or what insmod returns.</returns>
    private async ValueTask<Errno> AwaitInitsAsync(KernelModule module)
    {
        bool hasWaited = false;
        while (Find(module.Name) is { } other)
        {
            ModuleState state = other.State;
            if (state == ModuleState.Live) return Errno.EEXIST;
            if (state != ModuleState.Coming) return Errno.EBUSY;
            _ = await AwaitInitAsync(other, Scheduler.Forever);
            hasWaited = true;
        }

        if (hasWaited) return Errno.EBUSY; // the kernel does not try what has just failed
        for (int i = 0; i < module.DependsOn.Count; i++)
        {
            KernelModule? other = Find(module.DependsOn[i]);
            if (other?.State == ModuleState.Coming)
            {
                if (!await AwaitInitAsync(other, InitWaitNs)) return Errno.EBUSY;
                return await AwaitInitsAsync(module); // anything may have come and gone
            }

            if (other?.State != ModuleState.Live) return Errno.ENOENT;
        }

        return Errno.Ok;
    }

    private async ValueTask<bool> AwaitInitAsync(KernelModule other, long timeoutNs)
    {
        _mutex.Unlock();
        WaitResult result = await _initEnded.WaitAsync(other, static other => other.State != ModuleState.Coming, timeoutNs);
        await _mutex.LockAsync();
        return result == WaitResult.Ok;
    }

    /// <summary>Under the lock: a module is there no longer, and holds nothing.</summary>
    private void Remove(KernelModule module)
    {
        module.State = ModuleState.Unloaded;
        _shared.Write();
        _ = _modules.Remove(module); // it is there: only the task that added it, or stopped it, may take it off
        foreach (string other in module.DependsOn) Find(other)?.Put();
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
