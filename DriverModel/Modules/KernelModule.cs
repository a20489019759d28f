using System.Collections.Generic;
using System.Threading.Tasks;
using RemoteprocEmu.Platform;
using RemoteprocEmu.Platform.Tasks;
using RemoteprocEmu.Platform.Trace;

namespace RemoteprocEmu.DriverModel.Modules;

/// <summary>Where a module is in its life. Source: include/linux/module.h, enum module_state.</summary>
public enum ModuleState
{
    /// <summary>Not loaded, or unloaded again.</summary>
    Unloaded,
    /// <summary>Its init runs.</summary>
    Coming,
    /// <summary>Loaded.</summary>
    Live,
    /// <summary>Its exit runs.</summary>
    Going,
}

/// <summary>A loadable module: a name, an init, an exit, and references that keep it loaded.</summary>
public abstract class KernelModule(Kernel kernel, string name)
{
    private readonly object _gate = new();
    private readonly SharedState _shared = new(kernel.Scheduler, $"module {name}"); // taking and dropping commute; stopping does not
    private int _referenceCount;

    /// <summary>The kernel it is loaded into.</summary>
    public Kernel Kernel { get; } = kernel;

    /// <summary>As lsmod shows it: <c>virtio_rpmsg_bus</c>.</summary>
    public string Name { get; } = name;

    /// <summary>Modules whose symbols it uses: they must be loaded first, and are held while it is.</summary>
    public virtual IReadOnlyList<string> DependsOn => [];

    /// <summary>Where it is in its life.</summary>
    public ModuleState State
    {
        get
        {
            _shared.Read();
            return field;
        }
        internal set
        {
            _shared.Write();
            field = value;
        }
    }

    /// <summary>References held on it; the "Used by" column of lsmod.</summary>
    public int ReferenceCount
    {
        get
        {
            _shared.Write(); // who counts wants no one to take or drop meanwhile
            lock (_gate) return _referenceCount;
        }
    }

    /// <summary>Takes a reference. Kernel: try_module_get.</summary>
    /// <returns>False when the module is on its way out, or not there; no reference was taken.</returns>
    public bool TryGet()
    {
        lock (_gate)
        {
            if (State is not (ModuleState.Live or ModuleState.Coming)) return false;
            _referenceCount++;
            Kernel.Scheduler.Trace.Emit(TraceKind.References, Name, (ulong)_referenceCount, 1);
            return true;
        }
    }

    /// <summary>Drops a reference. Kernel: module_put.</summary>
    public void Put()
    {
        _shared.Read();
        lock (_gate)
        {
            Invariant.Check(_referenceCount > 0, "a module reference is dropped once");
            _referenceCount--;
            Kernel.Scheduler.Trace.Emit(TraceKind.References, Name, (ulong)_referenceCount, 0);
        }
    }

    /// <inheritdoc/>
    public override string ToString() => Name;

    /// <summary>Kernel: the module's init function.</summary>
    /// <returns>Ok, or why it did not load; it has then undone what it did.</returns>
    protected internal abstract ValueTask<Errno> InitAsync();

    /// <summary>Kernel: the module's exit function.</summary>
    protected internal abstract ValueTask ExitAsync();

    /// <summary>Kernel: try_stop_module. Marks the module as going when nobody holds it.</summary>
    internal bool TryStop()
    {
        lock (_gate)
        {
            _shared.Write();
            if (_referenceCount != 0) return false;
            State = ModuleState.Going;
            return true;
        }
    }
}
