using System;
using System.Collections.Generic;
using System.Threading.Tasks;
using RemoteprocEmu.Platform;
using RemoteprocEmu.Platform.Tasks;

namespace RemoteprocEmu.DriverModel.Devices;

/// <summary>A device: a name, a parent, perhaps a bus and a driver, and a count of those who hold it.</summary>
/// <remarks>
/// Life: created with one reference (device_initialize) - <see cref="AddAsync"/> - <see cref="DeleteAsync"/> - the last
/// <see cref="Put"/> runs <see cref="Release"/>. Who creates it drops the first reference.
/// Source: drivers/base/core.c.
/// </remarks>
public class Device
{
    private static readonly NameSeries s_childrenOf = new("children of ", "");
    private static readonly NameSeries s_locks = new("", " device_lock");

    private List<Device>? _children; // most devices never have one
    private readonly SharedState _sharedChildren; // adding and removing commute
    private readonly SharedState _shared; // taking and dropping commute; the last drop, a binding and a deletion do not
    private int _referenceCount = 1;

    /// <summary>Creates a device that nobody sees yet. Kernel: device_initialize.</summary>
    /// <param name="kernel">Where.</param>
    /// <param name="name">Its name in sysfs.</param>
    /// <param name="parent">Its parent, which is held until this is released; null for none.</param>
    /// <param name="bus">The bus it will be added to; null for a device without drivers.</param>
    /// <param name="className">What stands before the name in the log when there is neither driver nor bus.</param>
    public Device(Kernel kernel, string name, Device? parent = null, Bus? bus = null, string className = "")
    {
        ArgumentNullException.ThrowIfNull(kernel);
        Kernel = kernel;
        Name = name;
        Parent = parent;
        Bus = bus;
        ClassName = className;
        _shared = SharedState.Of(kernel.Scheduler, name);
        _sharedChildren = SharedState.Of(kernel.Scheduler, s_childrenOf[name]);
        Lock = new Mutex(kernel.Scheduler, s_locks[name]);
        parent?.Get();
        kernel.AddDevice(this);
    }

    /// <summary>Where it is.</summary>
    public Kernel Kernel { get; }

    /// <summary>Its name in sysfs.</summary>
    public string Name { get; }

    /// <summary>Its parent; null for none.</summary>
    public Device? Parent { get; }

    /// <summary>Its bus; null for none.</summary>
    public Bus? Bus { get; }

    /// <summary>The class, for devices without bus.</summary>
    public string ClassName { get; }

    /// <summary>Children that are added, in order of addition.</summary>
    public IReadOnlyList<Device> Children
    {
        get
        {
            _sharedChildren.Read();
            return (IReadOnlyList<Device>?)_children ?? [];
        }
    }

    /// <summary>Held while a driver is bound or unbound. Kernel: device_lock.</summary>
    public Mutex Lock { get; }

    /// <summary>The driver that is bound; null for none.</summary>
    public Driver? Driver
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

    /// <summary>Whether a driver is bound whose code is there: its module, if it has one, is not unloaded.</summary>
    public bool HasLiveDriver => Driver is { } driver && driver.Owner is not { State: Modules.ModuleState.Unloaded };

    /// <summary>The driver's own state for this device. Kernel: dev_set_drvdata.</summary>
    public object? DriverData { get; set; }

    /// <summary>Whether it is in sysfs: added and not deleted.</summary>
    public bool IsAdded
    {
        get
        {
            _shared.Read();
            return field;
        }
        private set
        {
            _shared.Write();
            field = value;
        }
    }

    /// <summary>Whether the last reference is gone.</summary>
    public bool IsReleased { get; private set; }

    /// <summary>References held on it.</summary>
    public int ReferenceCount => _referenceCount;

    /// <summary>What stands before the name in the log. Kernel: dev_driver_string.</summary>
    public string DriverString => Driver?.Name ?? Bus?.Name ?? ClassName;

    /// <summary>Takes a reference. Kernel: get_device.</summary>
    public void Get()
    {
        _shared.Read();
        Invariant.Check(!IsReleased, "a released device is not taken again");
        _referenceCount++;
    }

    /// <summary>Drops a reference; the last one releases the device. Kernel: put_device.</summary>
    public void Put()
    {
        Invariant.Check(_referenceCount > 0, "a device reference is dropped once");
        if (--_referenceCount > 0)
        {
            _shared.Read();
            return;
        }

        _shared.Write();
        Invariant.Check(!IsAdded, "a device is deleted before its last reference goes");
        IsReleased = true;
        Kernel.RemoveDevice(this);
        Release();
        Parent?.Put();
    }

    /// <summary>Makes the device visible, and lets a driver of its bus bind to it before this returns. Kernel: device_add.</summary>
    /// <returns>Ok, also when no driver binds or a driver's probe fails; or why it was not added.</returns>
    public async ValueTask<Errno> AddAsync()
    {
        Errno errno = Kernel.Faults.At("device_add");
        if (errno != Errno.Ok) return errno;
        _shared.Write(); // so does whoever adds another of this name
        if (Bus?.Find(Name) is not null) return Errno.EEXIST;
        Get();
        IsAdded = true;
        if (Parent is not null)
        {
            Parent._sharedChildren.Add();
            (Parent._children ??= []).Add(this);
        }

        if (Bus is not null) await Bus.ProbeDeviceAsync(this);
        return Errno.Ok;
    }

    /// <summary>Unbinds its driver and takes it out of sight. Kernel: device_del.</summary>
    /// <remarks>No effect on a device that is not added.</remarks>
    public async ValueTask DeleteAsync()
    {
        if (!IsAdded) return;
        if (Bus is not null) await Bus.RemoveDeviceAsync(this);
        Kernel.DeferredProbe.Remove(this);
        if (_children is { Count: > 0 }) Kernel.Scheduler.Watch?.OutlivesParent(_children[0].Name, Name);
        IsAdded = false;
        Parent?._sharedChildren.Add();
        _ = Parent?._children?.Remove(this); // it is there while it is added
        Put();
    }

    /// <summary>Deletes it and drops the creator's reference. Kernel: device_unregister.</summary>
    public async ValueTask UnregisterAsync()
    {
        await DeleteAsync();
        Put();
    }

    /// <inheritdoc/>
    public override string ToString() => Name;

    /// <summary>Makes a released device as new. Its parent, if it has one, is so already.</summary>
    internal void Rewind()
    {
        Invariant.Check(IsReleased, "a device is made anew after its last reference has gone");
        IsReleased = false;
        _referenceCount = 1;
        DriverData = null;
        Parent?.Get();
        Kernel.AddDevice(this);
    }

    /// <summary>The last reference is gone: give everything back. Kernel: the device's release function.</summary>
    protected virtual void Release() { }
}
