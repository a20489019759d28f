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
    private bool _again;

    internal DeferredProbe(Kernel kernel) =>
        _work = new WorkQueue(kernel.Scheduler, "events").CreateWork("deferred_probe_work", RetryAsync);

    /// <summary>Devices that wait, in the order in which they were put off.</summary>
    public IReadOnlyList<Device> Pending => _pending;

    internal void Add(Device device)
    {
        if (!_pending.Contains(device)) _pending.Add(device);
    }

    internal void Remove(Device device) => _ = _pending.Remove(device); // most devices never waited

    internal void Trigger()
    {
        if (_pending.Count == 0) return;
        _again = true;
        _ = _work.Queue(); // queued already is as good
    }

    private async ValueTask RetryAsync()
    {
        while (_again)
        {
            _again = false;
            Device[] devices = [.. _pending];
            _pending.Clear();
            foreach (Device device in devices)
            {
                if (device.IsAdded) await device.Bus!.AttachAsync(device);
            }
        }
    }
}
