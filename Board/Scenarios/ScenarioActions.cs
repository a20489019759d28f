using System;
using System.Collections.Generic;
using System.Threading.Tasks;
using RemoteprocEmu.Board.Traffic;
using RemoteprocEmu.DriverModel.Devices;
using RemoteprocEmu.Explorer;
using RemoteprocEmu.Explorer.Oracles;
using RemoteprocEmu.Explorer.Scenarios;
using RemoteprocEmu.Platform;
using RemoteprocEmu.Remoteproc.Interfaces;
using RemoteprocEmu.Remoteproc.Lifecycle;
using RemoteprocEmu.Remoteproc.Platforms;
using RemoteprocEmu.Remoteproc.Vdevs;
using RemoteprocEmu.Rpmsg.Bus;
using RemoteprocEmu.Rpmsg.Wire;

namespace RemoteprocEmu.Board.Scenarios;

/// <summary>Does a scenario's actions on its machine.</summary>
internal sealed class ScenarioActions(ScenarioMachine machine, IReadOnlyDictionary<string, byte[]> images)
{
    private static readonly long[] s_trafficPausesNs = [2_000_000, 60_000_000, 200_000_000]; // a status is seen within 50 ms

    private readonly Dictionary<string, ScenarioHandle> _handles = new(StringComparer.Ordinal);

    /// <summary>Told what an action has found broken.</summary>
    public required Watch Watch { get; init; }

    /// <summary>Waits until nothing moves any more; see <see cref="ScenarioSubject"/>.</summary>
    public required Func<ValueTask> Settle { get; init; }

    private Machine Machine => machine.Machine;

    /// <summary>Does one action.</summary>
    /// <returns>Its errno; ENODEV where the processor that it is for is not there.</returns>
    public ValueTask<Errno> DoAsync(ScenarioAction action) => action.Verb switch
    {
        ScenarioVerb.Insmod => Machine.InsmodAsync(action.Object),
        ScenarioVerb.Modprobe => Machine.ModprobeAsync(action.Object),
        ScenarioVerb.Rmmod => Machine.RmmodAsync(action.Object),
        ScenarioVerb.Write => WriteAsync(action),
        ScenarioVerb.SetShutdownOnRelease => new ValueTask<Errno>(SetShutdownOnRelease(action)),
        ScenarioVerb.CloseCdev => machine.CdevOf(action.Processor)?.ReleaseAsync() ?? new ValueTask<Errno>(Errno.ENODEV),
        ScenarioVerb.Get => new ValueTask<Errno>(
            HandleOf(action).Get(Machine.Remoteproc, Machine.Processors[action.Processor].Device.Name)),
        ScenarioVerb.Boot => HandleOf(action).BootAsync(),
        ScenarioVerb.Shutdown => HandleOf(action).ShutdownAsync(),
        ScenarioVerb.Put => new ValueTask<Errno>(HandleOf(action).Put()),
        ScenarioVerb.Crash => new ValueTask<Errno>(Crash(action)),
        ScenarioVerb.RemoveFirmware => new ValueTask<Errno>(
            Machine.Kernel.Firmware.Remove(machine.FirmwareNameOf(action.Processor)) ? Errno.Ok : Errno.ENOENT),
        ScenarioVerb.ProvideFirmware => new ValueTask<Errno>(ProvideFirmware(action)),
        ScenarioVerb.RemoteCreate or ScenarioVerb.RemoteDestroy => new ValueTask<Errno>(machine.AskRemote(action)),
        ScenarioVerb.CreateChannel => CreateChannelAsync(action),
        ScenarioVerb.Traffic => ExchangeAsync(action),
        ScenarioVerb.Ping => machine.Consumer is { } device && WkupM3IpcDriver.ConsumerOf(device) is { } consumer
            ? consumer.PingAsync() : new ValueTask<Errno>(Errno.ENODEV),
        ScenarioVerb.Wait => WaitAsync(action.Number),
        _ => SettleAsync(),
    };

    /// <summary>The consumers go.</summary>
    public async ValueTask DropHandlesAsync()
    {
        foreach (ScenarioHandle handle in _handles.Values) await handle.DropAsync();
    }

    private ScenarioHandle HandleOf(ScenarioAction action)
    {
        if (_handles.TryGetValue(action.Object, out ScenarioHandle? handle)) return handle;
        handle = new ScenarioHandle();
        _handles.Add(action.Object, handle);
        return handle;
    }

    private ValueTask<Errno> WriteAsync(ScenarioAction action)
    {
        const string Debugfs = "debugfs/";
        if (machine.RprocOf(action.Processor) is not { IsAdded: true } rproc) return new ValueTask<Errno>(Errno.ENOENT); // no file
        if (action.Object == "cdev") return machine.CdevOf(action.Processor)!.WriteAsync(action.Argument);
        return action.Object.StartsWith(Debugfs, StringComparison.Ordinal)
            ? new RprocDebugfs(rproc).WriteAsync(action.Object[Debugfs.Length..], action.Argument)
            : new RprocSysfs(rproc).WriteAsync(action.Object, action.Argument);
    }

    private Errno SetShutdownOnRelease(ScenarioAction action)
    {
        int value = 1;
        return machine.CdevOf(action.Processor)?.Ioctl(RprocCdev.SetShutdownOnRelease, ref value) ?? Errno.ENODEV;
    }

    private Errno Crash(ScenarioAction action)
    {
        if (machine.RprocOf(action.Processor) is not { } rproc) return Errno.ENODEV;
        rproc.ReportCrash(action.Argument switch
        {
            "mmufault" => RprocCrashType.MmuFault,
            "watchdog" => RprocCrashType.Watchdog,
            _ => RprocCrashType.FatalError,
        });
        return Errno.Ok;
    }

    private Errno ProvideFirmware(ScenarioAction action)
    {
        byte[] image = action.Object.Length > 0 ? images[action.Object] : machine.ImageOf(action.Processor);
        Machine.Kernel.Firmware.Provide(machine.FirmwareNameOf(action.Processor), image);
        return Errno.Ok;
    }

    private async ValueTask<Errno> CreateChannelAsync(ScenarioAction action)
    {
        foreach (Device device in Machine.RpmsgCore.Bus.Devices)
        {
            if (device is not RpmsgDevice channel || VdevOf(channel) is not { } vdev) continue;
            if (vdev.Index != action.Vdev || vdev.Rproc != machine.RprocOf(action.Processor)) continue;
            RpmsgChannelInfo info = new(action.Object, new RpmsgAddress((uint)action.Number), RpmsgAddress.FirstDynamic);
            return await channel.CreateChannelAsync(info) is null ? Errno.EEXIST : Errno.Ok;
        }

        return Errno.ENODEV;
    }

    /// <summary>Loads the driver that exchanges messages, gives it time while messages come, and unloads it.</summary>
    /// <returns>Ok when every message came back; ETIMEDOUT when not; EIO when one was lost, doubled or altered; or what insmod
    /// returned.</returns>
    private async ValueTask<Errno> ExchangeAsync(ScenarioAction action)
    {
        MessageStream stream = new(action.Number);
        machine.Exchanges.Clear();
        machine.Exchanges.Add(new VdevExchange(action.Vdev, stream));
        Errno errno = await Machine.InsmodAsync(ExchangeModule.ModuleName);
        if (errno != Errno.Ok) return errno;
        int pause = 0;
        for (long verified = 0; pause < s_trafficPausesNs.Length && !stream.IsDone;)
        {
            await machine.Scheduler.DelayAsync(s_trafficPausesNs[pause]);
            pause = stream.VerifiedCount == verified ? pause + 1 : 0;
            verified = stream.VerifiedCount;
        }

        errno = await Machine.RmmodAsync(ExchangeModule.ModuleName);
        if (stream.LostCount + stream.DuplicateCount + stream.DamagedCount > 0)
        {
            Watch.Report(OracleRule.Messages, $"vdev{action.Vdev} exchange",
                $"{stream.LostCount} messages lost, {stream.DuplicateCount} doubled, {stream.DamagedCount} altered, of {stream.Target}");
            return Errno.EIO;
        }

        return errno != Errno.Ok ? errno : stream.IsDone ? Errno.Ok : Errno.ETIMEDOUT;
    }

    private async ValueTask<Errno> WaitAsync(long durationNs)
    {
        await machine.Scheduler.DelayAsync(durationNs);
        return Errno.Ok;
    }

    private async ValueTask<Errno> SettleAsync()
    {
        await Settle();
        return Errno.Ok;
    }

    /// <summary>The vdev that carries a channel; null for one that is none of remoteproc's.</summary>
    public static RprocVdev? VdevOf(RpmsgDevice channel) => channel.Parent?.Parent as RprocVdev;
}
