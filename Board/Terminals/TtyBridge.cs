using System;
using System.Collections.Generic;
using System.Threading.Tasks;
using RemoteprocEmu.DriverModel.Nodes;
using RemoteprocEmu.Interop.Native;
using RemoteprocEmu.Platform;
using RemoteprocEmu.Platform.Tasks;
using RemoteprocEmu.Rpmsg.Drivers;

namespace RemoteprocEmu.Board.Terminals;

/// <summary>Puts a pseudo-terminal behind each /dev/ttyRPMSG*, so that screen, cat and a shell talk to firmware.</summary>
/// <remarks>
/// <code>
/// program - /dev/pts/3 - our end: read on a thread that polls - typed bytes - tty bridge task - /dev/ttyRPMSG0 - channel - firmware
/// </code>
/// One pseudo-terminal for each channel, by its name in sysfs: a crash hangs the ttyRPMSG up, and the pseudo-terminal goes on with the next
/// one that the same channel gets. It opens and reads the ttyRPMSG as any program would: what nobody reads waits there. On real time only.
/// </remarks>
public sealed class TtyBridge : IDisposable
{
    private readonly Machine _machine;
    private readonly DescriptorPoller _poller = new();
    private readonly Cpu _cpu;
    private readonly List<TtyBridgeLine> _lines = [];
    private readonly List<KernelTask> _tasks = [];
    private bool _isClosing;

    /// <summary>Begins to look for terminals.</summary>
    /// <param name="machine">A machine that runs in real time; its module rpmsg_tty is still to be loaded.</param>
    /// <exception cref="ArgumentException">The machine runs in virtual time.</exception>
    public TtyBridge(Machine machine)
    {
        ArgumentNullException.ThrowIfNull(machine);
        if (machine.Scheduler is not ThreadedScheduler scheduler)
            throw new ArgumentException("a terminal of this machine needs real time", nameof(machine));
        _machine = machine;
        _cpu = scheduler.CreatePollingCpu("pty", _poller);
        machine.Kernel.Nodes.Changed += OnNodeChanged;
    }

    /// <summary>Called, on the host processor, when a ttyRPMSG has got its pseudo-terminal, or got it again: both paths.</summary>
    public event Action<string, string>? Connected;

    /// <summary>Called, on the host processor, when the system gave no pseudo-terminal: why not.</summary>
    public event Action<string>? Failed;

    /// <summary>The pseudo-terminals, in order of their channels' first announcement.</summary>
    public IReadOnlyList<TtyBridgeLine> Lines => _lines;

    /// <summary>Closes every ttyRPMSG, so that rpmsg_tty can be unloaded; what comes later is not served.</summary>
    public async ValueTask CloseAsync()
    {
        _isClosing = true;
        _machine.Kernel.Nodes.Changed -= OnNodeChanged;
        foreach (TtyBridgeLine line in _lines) line.BeginClose();
        foreach (KernelTask task in _tasks)
        {
            _machine.Scheduler.Signal(task); // ends a read that sleeps
            _ = await task.Ended.WaitAsync();
        }
    }

    /// <summary>Hangs the pseudo-terminals up. After the machine: its threads use them.</summary>
    public void Dispose()
    {
        _poller.Dispose();
        foreach (TtyBridgeLine line in _lines) line.Dispose();
        _lines.Clear();
    }

    private void OnNodeChanged(DeviceNode node, bool isThere)
    {
        if (!isThere || _isClosing || !node.Name.StartsWith(RpmsgTtyModule.NodeName, StringComparison.Ordinal)) return;
        _tasks.Add(_machine.Scheduler.Spawn($"tty bridge {node.Name}", () => ServeAsync(node), _machine.Scheduler.Host, isDaemon: true));
    }

    /// <summary>From the announcement of a channel to its end.</summary>
    private async ValueTask ServeAsync(DeviceNode node)
    {
        if (FindOrAdd(node.Device?.Parent?.Name ?? node.Name) is not { } line) return;
        await line.WaitUntilFreeAsync();
        (Errno errno, DeviceFile? file) = await _machine.Kernel.Nodes.OpenAsync(node.Name, OpenFlags.ReadWrite);
        if (errno != Errno.Ok) return; // it is gone again
        Connected?.Invoke(node.ToString(), line.Path);
        await line.ServeAsync(file!);
    }

    private TtyBridgeLine? FindOrAdd(string channel)
    {
        foreach (TtyBridgeLine line in _lines)
        {
            if (line.Channel == channel) return line;
        }

        try
        {
            TtyBridgeLine line = new(channel, PseudoTerminal.Open(), _machine.Scheduler, _cpu, _poller);
            _lines.Add(line);
            _tasks.Add(_machine.Scheduler.Spawn($"tty bridge {line.Path}", line.TypeAsync, _machine.Scheduler.Host, isDaemon: true));
            return line;
        }
        catch (Exception failure) when (failure is System.IO.IOException or DllNotFoundException or EntryPointNotFoundException)
        {
            Failed?.Invoke(failure.Message);
            return null;
        }
    }
}
