using System;
using System.Collections.Generic;
using System.Threading.Tasks;
using RemoteprocEmu.DriverModel;
using RemoteprocEmu.DriverModel.Devices;
using RemoteprocEmu.DriverModel.Modules;
using RemoteprocEmu.Platform;
using RemoteprocEmu.Platform.Tasks;
using RemoteprocEmu.Remoteproc.Boot;
using RemoteprocEmu.Remoteproc.Eras;
using RemoteprocEmu.Remoteproc.Lifecycle;
using RemoteprocEmu.Virtio.Device;

namespace RemoteprocEmu.Remoteproc;

/// <summary>The remoteproc core as a module: the list of processors, their numbers, and the queue for their recovery.</summary>
/// <remarks>Source: remoteproc_core.c, remoteproc_init, remoteproc_exit, rproc_alloc, rproc_get_by_phandle, rproc_put.</remarks>
public sealed class RemoteprocModule : KernelModule
{
    private readonly IdAllocator _indices = new();
    private readonly IdAllocator _platformDevices = new();
    private readonly List<Rproc> _list = [];
    private readonly SharedState _shared;

    /// <summary>Creates the module; load it with <see cref="ModuleTable.InsmodAsync"/>.</summary>
    /// <param name="kernel">Where.</param>
    /// <param name="virtioBus">Where vdevs become virtio devices: the place at which processors and rpmsg meet.</param>
    /// <param name="era">The ordering to follow; null for <see cref="Era.Emu"/>.</param>
    public RemoteprocModule(Kernel kernel, VirtioBus virtioBus, Era? era = null) : base(kernel, "remoteproc")
    {
        VirtioBus = virtioBus;
        _shared = new SharedState(kernel.Scheduler, "rproc_list");
        Era = era ?? Era.Emu;
        BootSequence = new BootSequence(Era);
        RecoveryQueue = new WorkQueue(kernel.Scheduler, "rproc_recovery_wq");
    }

    /// <summary>The ordering that its processors follow.</summary>
    public Era Era { get; }

    /// <summary>Where vdevs become virtio devices.</summary>
    public VirtioBus VirtioBus { get; }

    /// <summary>Processors that can be found by handle, in order of addition.</summary>
    public IReadOnlyList<Rproc> Processors => _list;

    internal WorkQueue RecoveryQueue { get; }

    /// <summary>The steps of a boot in this era's order.</summary>
    internal BootSequence BootSequence { get; }

    /// <summary>Allocates a processor; it is not known to anybody yet. Kernel: rproc_alloc.</summary>
    /// <param name="parent">The platform device; its driver's module is what a handle will hold.</param>
    /// <param name="name">Its own name.</param>
    /// <param name="ops">What the driver does for the core.</param>
    /// <param name="config">What the driver says of the processor.</param>
    /// <returns>The processor, with the creator's reference; null when the day goes wrong (ENOMEM).</returns>
    public Rproc? Allocate(Device parent, string name, RprocOps ops, RprocConfig config)
    {
        ArgumentNullException.ThrowIfNull(parent);
        if (Kernel.Faults.At("rproc_alloc") != Errno.Ok) return null;
        return new Rproc(this, parent, name, ops, config, _indices.Take());
    }

    /// <summary>Finds a processor by its device-tree handle. Kernel: rproc_get_by_phandle.</summary>
    /// <param name="parentName">The platform device that the handle names.</param>
    /// <returns>
    /// The processor, with a reference on it and one on its driver's module, to be dropped with <see cref="Put"/>; null when there is
    /// none, or its driver is on the way out. Up to v4.9 without one on the module (<see cref="ModuleReference"/>).
    /// </returns>
    public Rproc? GetByPhandle(string parentName)
    {
        _shared.Read();
        Rproc? rproc = _list.Find(candidate => string.Equals(candidate.Parent!.Name, parentName, StringComparison.Ordinal));
        if (rproc is null) return null;
        if (Era.ModuleReference == ModuleReference.TakenByHandle
            && (rproc.Parent!.Driver is null || (rproc.Owner is not null && !rproc.Owner.TryGet())))
        {
            Kernel.Log.Error(rproc, "can't get owner");
            return null;
        }

        rproc.Get();
        return rproc;
    }

    /// <summary>Gives back what <see cref="GetByPhandle"/> gave. Kernel: rproc_put.</summary>
    /// <remarks>Good also after the driver was unbound by hand, where the kernel follows a null pointer.</remarks>
    public static void Put(Rproc rproc)
    {
        ArgumentNullException.ThrowIfNull(rproc);
        if (rproc.Era.ModuleReference == ModuleReference.TakenByHandle) rproc.Owner?.Put();
        rproc.Put();
    }

    /// <inheritdoc/>
    protected override ValueTask<Errno> InitAsync() => new(Kernel.Faults.At("remoteproc_init"));

    /// <inheritdoc/>
    protected override ValueTask ExitAsync()
    {
        Invariant.Check(_list.Count == 0, "the core is unloaded after every platform driver");
        return ValueTask.CompletedTask;
    }

    internal void AddToList(Rproc rproc)
    {
        _shared.Write();
        _list.Add(rproc);
    }

    internal void RemoveFromList(Rproc rproc)
    {
        _shared.Write();
        _ = _list.Remove(rproc); // absent when it was never added
    }

    internal void ReleaseIndex(int index) => _indices.Release(index);

    internal int TakePlatformDeviceId() => _platformDevices.Take();

    internal void ReleasePlatformDeviceId(int id) => _platformDevices.Release(id);
}
