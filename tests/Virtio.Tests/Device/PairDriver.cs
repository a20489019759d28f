using System;
using System.Collections.Generic;
using System.Threading.Tasks;
using RemoteprocEmu.Platform;
using RemoteprocEmu.Virtio.Device;

namespace RemoteprocEmu.Virtio.Tests.Device;

/// <summary>A driver with an input and an output queue, and a place for each thing that a driver may do.</summary>
internal sealed class PairDriver(string name = "pair") : VirtioDriver(name, owner: null)
{
    public List<VirtioDeviceId> Ids { get; } = [new(7)];

    public ulong Mask { get; set; }

    public ulong? LegacyMask { get; set; }

    public Func<ValueTask>? DuringProbe { get; set; }

    public Action? IsHeard { get; set; }

    public int ConfigChangeCount { get; private set; }

    public int ClearedBit { get; set; } = -1;

    public bool CallsReady { get; set; } = true;

    public bool Resets { get; set; } = true;

    public Errno ProbeErrno { get; set; }

    public Errno ValidateErrno { get; set; }

    public bool IsScanned { get; private set; }

    public int InputCallbackCount { get; private set; }

    public Virtqueue Input { get; private set; } = null!;

    public Virtqueue Output { get; private set; } = null!;

    public override IReadOnlyList<VirtioDeviceId> IdTable => Ids;

    public override ulong FeatureMask => Mask;

    public override ulong LegacyFeatureMask => LegacyMask ?? Mask;

    public override Errno Validate(VirtioDevice device)
    {
        if (ClearedBit >= 0) device.ClearFeature(ClearedBit);
        return ValidateErrno;
    }

    public override async ValueTask<Errno> ProbeAsync(VirtioDevice device)
    {
        (Errno errno, Virtqueue?[] queues) = await device.FindVqsAsync(new("input", OnInputAsync), new(null, null), new("output", null));
        if (errno != Errno.Ok) return errno;
        Input = queues[0]!;
        Output = queues[2]!;
        if (DuringProbe is not null) await DuringProbe();
        if (CallsReady) device.Ready();
        if (ProbeErrno != Errno.Ok) await device.Config.DelVqsAsync(device);
        return ProbeErrno;
    }

    public override ValueTask ScanAsync(VirtioDevice device)
    {
        IsScanned = true;
        return ValueTask.CompletedTask;
    }

    public override void ConfigChanged(VirtioDevice device)
    {
        ConfigChangeCount++;
        IsHeard?.Invoke();
    }

    public override ValueTask RemoveAsync(VirtioDevice device)
    {
        if (Resets) device.Reset();
        return device.Config.DelVqsAsync(device);
    }

    private ValueTask OnInputAsync(Virtqueue queue)
    {
        InputCallbackCount++;
        return ValueTask.CompletedTask;
    }
}
