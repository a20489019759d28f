using System;
using System.Buffers.Binary;
using System.Collections.Generic;
using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;
using System.Threading.Tasks;
using RemoteprocEmu.Platform.Doorbells;
using RemoteprocEmu.Platform.Memory;
using RemoteprocEmu.Platform.RemoteCores;
using RemoteprocEmu.Platform.Tasks;
using RemoteprocEmu.Rpmsg.Remote;
using RemoteprocEmu.Virtio.Console;
using RemoteprocEmu.Virtio.Net;
using RemoteprocEmu.Virtio.Remote;

namespace RemoteprocEmu.Cores.Scripted;

/// <summary>Everything that a program sees of its core, for one run: memory, its resource table, its doorbell, time.</summary>
/// <remarks>
/// The main loop of a program that serves rpmsg:
/// <code>
/// while (true)
/// {
///     if (context.PollRpmsg()) await context.Yield();
///     else _ = await context.WaitKickAsync();
/// }
/// </code>
/// The host rings no bell when it writes a status byte. A timer of the context reads the status of every opened vdev, each
/// <see cref="DriverPollNs"/> until all have DRIVER_OK and each <see cref="ResetPollNs"/> from then on, and rings the core's own bell on
/// a change: so the loop above sees drivers come and go, and sleeps while nothing happens.
/// </remarks>
public sealed class RemoteContext
{
    /// <summary>How often a status without DRIVER_OK is read, ns. open-amp: the usleep of rpmsg_virtio_wait_remote_ready.</summary>
    public const long DriverPollNs = 1_000_000;

    /// <summary>How often a status is read to see whether the driver is still there, ns. Its kicks tell sooner.</summary>
    public const long ResetPollNs = 50_000_000;

    private const byte DriverOk = 4; // VIRTIO_CONFIG_S_DRIVER_OK

    private readonly ScriptedCore _core;
    private readonly CoreRun _run;
    private readonly Doorbell _mailbox;
    private readonly List<VdevPort> _ports = [];
    private readonly Action<int> _kickHost;

    internal RemoteContext(ScriptedCore core, CoreRun run, Doorbell mailbox, CoreStart start)
    {
        _core = core;
        _run = run;
        _mailbox = mailbox;
        _kickHost = core.KickHost;
        BootAddress = start.BootAddress;
        Memory = start.Memory;
        Table = core.Devices is { } devices
            ? new RemoteTable(devices)
            : new RemoteTable(core.Scheduler, start.Memory, start.TableAddress, start.TableLengthBytes);
        Trace = new RemoteTraceBuffer(start.Memory, Table, core.TraceLine);
        VdevSnapshot[] snapshots = new VdevSnapshot[Table.Vdevs.Count];
        for (int i = 0; i < snapshots.Length; i++) snapshots[i] = Table.Vdevs[i].TakeSnapshot();
        FirstInstruction = snapshots;
    }

    /// <summary>Whose tasks this run is made of.</summary>
    public Scheduler Scheduler => _core.Scheduler;

    /// <summary>Time, ns.</summary>
    public long NowNs => _core.Scheduler.NowNs;

    /// <summary>Where the image said it begins.</summary>
    public ulong BootAddress { get; }

    /// <summary>Memory, as this core reaches it.</summary>
    public RemoteMemory Memory { get; }

    /// <summary>The image's resource table, as the host has filled it in; or the devices that the core has without one.</summary>
    public RemoteTable Table { get; }

    /// <summary>The vdevs as they stood before the first instruction.</summary>
    public IReadOnlyList<VdevSnapshot> FirstInstruction { get; }

    /// <summary>Where to write text for people.</summary>
    public RemoteTraceBuffer Trace { get; }

    /// <summary>Whether no status byte has changed since it was last looked at.</summary>
    internal bool HasSeenStatus
    {
        get
        {
            foreach (VdevPort port in _ports)
            {
                if (port.Vdev.Status != port.StatusSeen) return false;
            }

            return true;
        }
    }

    /// <summary>Opens the remote half of an rpmsg vdev; <see cref="PollRpmsg"/> serves it from here on.</summary>
    /// <param name="vdev">A vdev of <see cref="Table"/>; each at most once.</param>
    /// <param name="view">What to read instead of the entry itself; null for the entry.</param>
    public RemoteRpmsg OpenRpmsg(RemoteTableVdev vdev, IRemoteVdev? view = null)
    {
        ArgumentNullException.ThrowIfNull(vdev);
        RemoteRpmsg rpmsg = new(Scheduler, Memory, view ?? vdev, _kickHost)
        {
            VdevIndex = vdev.Index,
            ReturnsWholeBuffers = _core.ReturnsWholeBuffers,
            Polls = _core.Polls,
        };
        Serve(vdev, rpmsg);
        return rpmsg;
    }

    /// <summary>Opens the device half of a network vdev; <see cref="PollVdevs"/> serves it from here on.</summary>
    /// <param name="vdev">A vdev of <see cref="Table"/>; each at most once.</param>
    public RemoteNet OpenNet(RemoteTableVdev vdev)
    {
        ArgumentNullException.ThrowIfNull(vdev);
        RemoteNet net = new(Scheduler, Memory, vdev, _kickHost) { VdevIndex = vdev.Index };
        Serve(vdev, net);
        return net;
    }

    /// <summary>Opens the device half of a console or rproc-serial vdev; <see cref="PollVdevs"/> serves it from here on.</summary>
    /// <param name="vdev">A vdev of <see cref="Table"/>; each at most once.</param>
    public RemoteConsole OpenConsole(RemoteTableVdev vdev)
    {
        ArgumentNullException.ThrowIfNull(vdev);
        RemoteConsole console = new(Scheduler, Memory, vdev, _kickHost) { VdevIndex = vdev.Index };
        Serve(vdev, console);
        return console;
    }

    /// <summary>As <see cref="PollVdevs"/>, for a program that has opened rpmsg vdevs only.</summary>
    public bool PollRpmsg() => PollVdevs();

    /// <summary>
    /// Polls every opened vdev once: drivers that came or went, announcements due, messages, frames and bytes that have come.
    /// </summary>
    /// <returns>True when more waits already: poll again before sleeping, for no kick may come.</returns>
    /// <remarks>A ring or buffer without memory behind it faults the core, as on silicon; any other broken ring just stops.</remarks>
    public bool PollVdevs()
    {
        bool moreWaits = false;
        foreach (VdevPort port in _ports)
        {
            moreWaits |= port.Half.PollOnce();
            port.Note(Trace);
            if (!port.TryGetFault(out RemoteQueueFault fault)) continue;
            if (fault.Kind is RemoteFaultKind.RingUnmapped or RemoteFaultKind.BufferUnmapped)
                Crash(CoreFaultKind.MmuFault, $"vdev {port.Vdev.Index}: {fault}");
        }

        return moreWaits;
    }

    /// <summary>
    /// Sleeps until the host rings, or a status changes; which, one sees by looking. On a core that polls, it lets others run and returns.
    /// For one task of the program.
    /// </summary>
    /// <param name="timeoutNs">Bound, ns.</param>
    /// <returns>False when the time ran out.</returns>
    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))] // a sleep a message: it must not allocate
    public async ValueTask<bool> WaitKickAsync(long timeoutNs = Scheduler.Forever)
    {
        if (_core.Polls)
        {
            await Yield();
            return true;
        }

        bool rang = await _mailbox.WaitAsync(timeoutNs);
        while (_mailbox.TryTake(out int _)) { } // at most one round a line; a kick only means "look"
        return rang;
    }

    /// <summary>Sleeps.</summary>
    /// <param name="durationNs">How long, ns.</param>
    public ValueTask DelayAsync(long durationNs) => Scheduler.DelayAsync(durationNs);

    /// <summary>Lets others run, and the host stop this core. To be awaited in each round of a loop that may not sleep.</summary>
    public SchedulerAwaitable Yield() => Scheduler.Point(_core.Name);

    /// <summary>Rings the host.</summary>
    /// <param name="notifyId">The notifyid of the vring in question. One that the host does not have rings nothing.</param>
    public void KickHost(int notifyId) => _core.KickHost(notifyId);

    /// <summary>Starts another thread of the firmware; it ends with the run.</summary>
    /// <param name="name">What a person calls it.</param>
    /// <param name="body">What it does. What escapes from it is a crash of the whole core.</param>
    public void Spawn(string name, Func<ValueTask> body) => _run.Spawn($"{_core.Name}/{name}", () => _core.GuardAsync(_run, body));

    /// <summary>Crashes: the host's crash line rings, and nothing of this program runs again until the core is started anew.</summary>
    /// <param name="kind">What the host is told.</param>
    /// <param name="message">What happened, for people.</param>
    /// <exception cref="CoreFaultException">Always: that is how it ends. A program must not catch it.</exception>
    [DoesNotReturn]
    public void Crash(CoreFaultKind kind, string message) => throw new CoreFaultException(kind, $"{_core.Name}: {message}");

    /// <summary>The bytes at an address. Good until the next await: the host may unmap what it likes.</summary>
    /// <exception cref="CoreFaultException">Nothing is mapped there: an MMU fault.</exception>
    public Span<byte> Access(DeviceAddress address, int lengthBytes)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(lengthBytes);
        if (!Memory.TrySlice(address, (ulong)lengthBytes, out Span<byte> bytes))
            Crash(CoreFaultKind.MmuFault, $"access to {address}, {lengthBytes} bytes: nothing is mapped there");
        return bytes;
    }

    /// <summary>Reads a little-endian word: a register, for instance.</summary>
    /// <exception cref="CoreFaultException">Nothing is mapped there: an MMU fault.</exception>
    public uint ReadU32(DeviceAddress address) => BinaryPrimitives.ReadUInt32LittleEndian(Access(address, sizeof(uint)));

    /// <summary>Writes a little-endian word.</summary>
    /// <exception cref="CoreFaultException">Nothing is mapped there: an MMU fault.</exception>
    public void WriteU32(DeviceAddress address, uint value) =>
        BinaryPrimitives.WriteUInt32LittleEndian(Access(address, sizeof(uint)), value);

    private void Serve(RemoteTableVdev vdev, IRemoteDevice half)
    {
        if (_ports.Count == 0) Spawn("status", WatchStatusAsync);
        _ports.Add(new VdevPort(vdev, half) { StatusSeen = vdev.Status });
        _core.Count(vdev.Index, half);
    }

    private async ValueTask WatchStatusAsync()
    {
        bool allDriverOk = false; // it was looked at when the vdev was opened
        while (true)
        {
            await DelayAsync(allDriverOk ? ResetPollNs : DriverPollNs);
            bool changed = false;
            allDriverOk = true;
            foreach (VdevPort port in _ports)
            {
                byte status = port.Vdev.Status;
                changed |= status != port.StatusSeen;
                allDriverOk &= (status & DriverOk) != 0;
                port.StatusSeen = status;
            }

            if (changed) _ = _mailbox.Ring(ScriptedCore.StatusLine); // it has that line
        }
    }
}
