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

    internal DeferredProbe(Kernel kernel) =>
        _work = new WorkQueue(kernel.Scheduler, "events").CreateWork("deferred_probe_work", RetryAsync);

    /// <summary>Devices that wait, in the order in which they were put off.</summary>
    public IReadOnlyList<Device> Pending => _pending;

    /// <summary>Times that a device was bound. Kernel: deferred_trigger_count.</summary>
    internal long TriggerCount { get; private set; }

    /// <summary>Puts a device off. Kernel: driver_deferred_probe_add, and what driver_probe_device does around it.</summary>
    /// <param name="device">The device.</param>
    /// <param name="triggerCountBefore"><see cref="TriggerCount"/> when its probe began: it may not have seen what came since.</param>
    internal void Add(Device device, long triggerCountBefore)
    {
        if (!_pending.Contains(device)) _pending.Add(device);
        if (TriggerCount != triggerCountBefore) Trigger();
    }

    internal void Remove(Device device) => _ = _pending.Remove(device); // most devices never waited

    internal void Trigger()
    {
        TriggerCount++;
        if (_pending.Count == 0) return;
        _ = _work.Queue(); // queued already is as good
    }

    private async ValueTask RetryAsync()
    {
        Device[] devices = [.. _pending];
        _pending.Clear();
        foreach (Device device in devices)
        {
            if (device.IsAdded) await device.Bus!.AttachAsync(device);
        }
    }
}
