using System.Collections.Generic;
using System.Threading.Tasks;
using RemoteprocEmu.Platform.Tasks;

namespace RemoteprocEmu.DriverModel.Devices;

/// <summary>Devices whose driver said EPROBE_DEFER: tried again whenever some other device was bound.</summary>
/// <remarks>Source: drivers/base/dd.c, driver_deferred_probe_add, driver_deferred_probe_trigger, deferred_probe_work_func.</remarks>
public sealed class DeferredProbe
{
    private readonly List<Device> _pending = [];
    private readonly Work _work;
    private readonly SharedState _shared;

    internal DeferredProbe(Kernel kernel)
    {
        _work = new WorkQueue(kernel.Scheduler, "events").CreateWork("deferred_probe_work", RetryAsync);
        _shared = new SharedState(kernel.Scheduler, "deferred_probe_pending_list");
    }

    /// <summary>Devices that wait, in the order in which they were put off.</summary>
    public IReadOnlyList<Device> Pending => _pending;

    /// <summary>Times that a device was bound. Kernel: deferred_trigger_count.</summary>
    internal long TriggerCount { get; private set; }

    /// <summary>Puts a device off. Kernel: driver_deferred_probe_add, and what driver_probe_device does around it.</summary>
    /// <param name="device">The device.</param>
    /// <param name="triggerCountBefore"><see cref="TriggerCount"/> when its probe began: it may not have seen what came since.</param>
    internal void Add(Device device, long triggerCountBefore)
    {
        _shared.Write();
        if (!_pending.Contains(device)) _pending.Add(device);
        if (TriggerCount != triggerCountBefore) Trigger();
    }

    internal void Remove(Device device)
    {
        _shared.Read(); // most devices never waited
        if (!_pending.Contains(device)) return;
        _shared.Write();
        _ = _pending.Remove(device); // it is there: just seen
    }

    internal void Trigger()
    {
        _shared.Read(); // two triggers commute; a trigger and a device that is put off do not
        TriggerCount++;
        if (_pending.Count == 0) return;
        _ = _work.Queue(); // queued already is as good
    }

    private async ValueTask RetryAsync()
    {
        _shared.Write();
        Device[] devices = [.. _pending];
        _pending.Clear();
        foreach (Device device in devices)
        {
            if (device.IsAdded) await device.Bus!.AttachAsync(device);
        }
    }
}
