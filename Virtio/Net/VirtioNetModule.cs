using System;
using System.Collections.Generic;
using System.Threading.Tasks;
using RemoteprocEmu.DriverModel;
using RemoteprocEmu.DriverModel.Modules;
using RemoteprocEmu.Platform;
using RemoteprocEmu.Virtio.Device;

namespace RemoteprocEmu.Virtio.Net;

/// <summary>virtio_net: loaded, each virtio device 1 is a network interface.</summary>
public sealed class VirtioNetModule : KernelModule
{
    /// <summary>As lsmod shows it.</summary>
    public const string ModuleName = "virtio_net";

    private readonly VirtioBus _bus;
    private readonly VirtioNetDriver _driver;
    private readonly List<NetDevice> _interfaces = [];
    private readonly IdAllocator _indices = new();

    /// <summary>Creates the module; it is not loaded yet.</summary>
    /// <param name="kernel">Where.</param>
    /// <param name="bus">Where its devices are.</param>
    public VirtioNetModule(Kernel kernel, VirtioBus bus) : base(kernel, ModuleName)
    {
        _bus = bus;
        _driver = new VirtioNetDriver(this);
    }

    /// <summary>Called when an interface is there. User space: a uevent. Whoever wants it up opens it.</summary>
    public event Action<NetDevice>? InterfaceAdded;

    /// <summary>The interfaces that are there, in order of registration.</summary>
    public IReadOnlyList<NetDevice> Interfaces => _interfaces;

    /// <inheritdoc/>
    protected override ValueTask<Errno> InitAsync() => _bus.RegisterDriverAsync(_driver);

    /// <inheritdoc/>
    protected override ValueTask ExitAsync() => _bus.UnregisterDriverAsync(_driver);

    internal NetDevice Create(VirtioDevice device, MacAddress mac, int mtu) => new(device, _indices.Take(), mac, mtu);

    internal void Announce(NetDevice net)
    {
        _interfaces.Add(net);
        InterfaceAdded?.Invoke(net);
    }

    internal void Forget(NetDevice net)
    {
        _indices.Release(net.Index);
        _ = _interfaces.Remove(net); // absent when its probe has failed
    }
}
