using System.Collections.Generic;
using System.Threading.Tasks;
using RemoteprocEmu.DriverModel;
using RemoteprocEmu.Platform;
using RemoteprocEmu.Platform.Trace;

namespace RemoteprocEmu.Remoteproc.Subdevices;

/// <summary>A processor's subdevices, in order: what the platform driver added at probe, then the vdevs of the table.</summary>
/// <remarks>
/// Up in list order, down in reverse; a failure on the way up takes down what was up, in reverse.
/// Source: remoteproc_core.c, rproc_{prepare,start,stop,unprepare}_subdevices.
/// </remarks>
public sealed class SubdeviceList
{
    private readonly Kernel _kernel;
    private readonly List<Subdevice> _list = [];

    internal SubdeviceList(Kernel kernel) => _kernel = kernel;

    /// <summary>The subdevices, in the order in which they come up.</summary>
    public IReadOnlyList<Subdevice> Items => _list;

    /// <summary>Whether they have been started and not stopped: a crash that comes before does not stop what never ran.</summary>
    /// <remarks>Kernel: rproc->subdevs_started (v6.12 stable).</remarks>
    public bool AreStarted { get; private set; }

    /// <summary>Appends one. Kernel: rproc_add_subdev.</summary>
    public void Add(Subdevice subdevice) => _list.Add(subdevice);

    /// <summary>Takes one off. Kernel: rproc_remove_subdev.</summary>
    public void Remove(Subdevice subdevice) => Invariant.Check(_list.Remove(subdevice), "a subdevice is removed once");

    internal async ValueTask<Errno> PrepareAsync()
    {
        for (int i = 0; i < _list.Count; i++)
        {
            Errno errno = Step("subdev_prepare", _list[i]);
            if (errno == Errno.Ok) errno = await _list[i].PrepareAsync();
            if (errno == Errno.Ok) continue;
            while (--i >= 0) await _list[i].UnprepareAsync();
            return errno;
        }

        return Errno.Ok;
    }

    internal async ValueTask<Errno> StartAsync()
    {
        for (int i = 0; i < _list.Count; i++)
        {
            Errno errno = Step("subdev_start", _list[i]);
            if (errno == Errno.Ok) errno = await _list[i].StartAsync();
            if (errno == Errno.Ok) continue;
            while (--i >= 0) await _list[i].StopAsync(crashed: true);
            return errno;
        }

        AreStarted = true;
        return Errno.Ok;
    }

    internal async ValueTask StopAsync(bool crashed)
    {
        if (!AreStarted) return;
        AreStarted = false;
        for (int i = _list.Count - 1; i >= 0; i--) await _list[i].StopAsync(crashed);
    }

    internal async ValueTask UnprepareAsync()
    {
        for (int i = _list.Count - 1; i >= 0; i--) await _list[i].UnprepareAsync();
    }

    private Errno Step(string step, Subdevice subdevice)
    {
        Errno errno = _kernel.Faults.At(step);
        _kernel.Scheduler.Trace.Emit(TraceKind.Step, step, (ulong)errno, (ulong)_list.IndexOf(subdevice));
        return errno;
    }
}
