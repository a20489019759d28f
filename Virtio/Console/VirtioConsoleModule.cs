using System;
using System.Collections.Generic;
using System.Threading.Tasks;
using RemoteprocEmu.DriverModel;
using RemoteprocEmu.DriverModel.Modules;
using RemoteprocEmu.Platform;
using RemoteprocEmu.Virtio.Device;

namespace RemoteprocEmu.Virtio.Console;

/// <summary>virtio_console: loaded, each virtio device 3 is a console, and each device 11 a serial port to a remote processor.</summary>
public sealed class VirtioConsoleModule : KernelModule
{
    /// <summary>As lsmod shows it.</summary>
    public const string ModuleName = "virtio_console";

    private readonly VirtioBus _bus;
    private readonly VirtioConsoleDriver _console;
    private readonly VirtioConsoleDriver _serial;
    private readonly List<ConsolePort> _ports = [];
    private readonly IdAllocator _consoles = new();

    /// <summary>Creates the module; it is not loaded yet.</summary>
    /// <param name="kernel">Where.</param>
    /// <param name="bus">Where its devices are.</param>
    public VirtioConsoleModule(Kernel kernel, VirtioBus bus) : base(kernel, ModuleName)
    {
        _bus = bus;
        _console = new VirtioConsoleDriver(this, "virtio_console", VirtioDeviceId.Console);
        _serial = new VirtioConsoleDriver(this, "virtio_rproc_serial", VirtioDeviceId.RprocSerial);
    }

    /// <summary>Called when a port is there. User space: a uevent.</summary>
    public event Action<ConsolePort>? PortAdded;

    /// <summary>The ports that are there, in order of registration.</summary>
    public IReadOnlyList<ConsolePort> Ports => _ports;

    /// <inheritdoc/>
    protected override async ValueTask<Errno> InitAsync()
    {
        Errno errno = await _bus.RegisterDriverAsync(_console);
        if (errno != Errno.Ok) return errno;
        errno = await _bus.RegisterDriverAsync(_serial);
        if (errno != Errno.Ok) await _bus.UnregisterDriverAsync(_console);
        return errno;
    }

    /// <inheritdoc/>
    protected override async ValueTask ExitAsync()
    {
        await _bus.UnregisterDriverAsync(_console);
        await _bus.UnregisterDriverAsync(_serial);
    }

    internal int TakeConsole() => _consoles.Take();

    internal void ReleaseConsole(int index) => _consoles.Release(index);

    internal void Announce(ConsolePort port)
    {
        _ports.Add(port);
        PortAdded?.Invoke(port);
    }

    internal void Forget(ConsolePort port) => _ = _ports.Remove(port); // absent when it could not be made
}
