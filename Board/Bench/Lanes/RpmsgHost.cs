using System;
using System.Collections.Generic;
using System.Linq;
using RemoteprocEmu.DriverModel;
using RemoteprocEmu.Platform;
using RemoteprocEmu.Platform.Doorbells;
using RemoteprocEmu.Platform.Memory;
using RemoteprocEmu.Platform.Tasks;
using RemoteprocEmu.Rpmsg.Bus;
using RemoteprocEmu.Rpmsg.Drivers;
using RemoteprocEmu.Rpmsg.VirtioBackend;
using RemoteprocEmu.Rpmsg.Wire;
using RemoteprocEmu.Virtio.Device;

namespace RemoteprocEmu.Board.Bench.Lanes;

/// <summary>The host of an rpmsg case: a kernel with the rpmsg modules, and vdevs whose driver has probed them.</summary>
internal sealed class RpmsgHost : IDisposable
{
    /// <summary>Address of the first endpoint, on both sides; the others follow it.</summary>
    public const uint FirstAddress = 1024;

    private readonly ThreadedScheduler _scheduler = new();
    private readonly Kernel _kernel;
    private readonly RpmsgCoreModule _core;
    private readonly VirtioBus _virtioBus;
    private readonly List<VirtioDevice> _devices = [];
    private readonly List<RpmsgEndpoint> _endpoints = [];
    private readonly List<RpmsgFastPath> _paths = [];

    /// <summary>Loads the modules and registers the vdevs.</summary>
    /// <param name="context">The half.</param>
    /// <param name="memory">The lane's memory.</param>
    public RpmsgHost(HalfContext context, LaneMemory memory)
    {
        _kernel = new Kernel(_scheduler) { Log = { KeepsLines = false } };
        _core = new RpmsgCoreModule(_kernel);
        _virtioBus = new VirtioBus(_kernel);
        MemoryBank bank = NewBank(memory);
        Action? kick = context.BellToRing is null ? null : () => Kick(context.BellToRing);
        _scheduler.Run(async () =>
        {
            Must(await _kernel.Modules.InsmodAsync(_core));
            Must(await _kernel.Modules.InsmodAsync(new RpmsgNsModule(_kernel, _core)));
            Must(await _kernel.Modules.InsmodAsync(new VirtioRpmsgBusModule(_kernel, _core, _virtioBus)));
            for (int vdev = 0; vdev < context.Case.Vdevs; vdev++)
            {
                BenchVdev transport = new(memory, bank, vdev * BenchVdev.SizeBytes(context.Case), context.Case, kick);
                VirtioDevice device = new(_virtioBus, transport, new VirtioDeviceId(VirtioDeviceId.Rpmsg, 0), parent: null);
                Must(await _virtioBus.RegisterDeviceAsync(device));
                _devices.Add(device);
                RpmsgDevice control = _core.Bus.Devices.Cast<RpmsgDevice>().First(channel => channel.Parent == device);
                for (uint i = 0; i < context.Case.Endpoints; i++) AddEndpoint(control, new RpmsgAddress(FirstAddress + i));
                RpmsgFastPath path = RpmsgFastPath.Of(control);
                path.PeerPolls = context.Case.Wait == BenchWait.Poll;
                _paths.Add(path);
            }
        });
    }

    /// <summary>Times that it kicked the remote.</summary>
    public long KickCount { get; private set; }

    /// <summary>The bus of a process, with a lane's memory on it: at the same address in both.</summary>
    public static MemoryBank NewBank(LaneMemory memory) => new("bench", new PhysicalAddress(0x1_0000_0000), memory.Memory);

    /// <summary>The queue on which the first vdev sends.</summary>
    public Virtqueue SendQueue => _devices[0].Virtqueues[1];

    /// <summary>A vdev's messages by the batch.</summary>
    public RpmsgFastPath Path(int vdev) => _paths[vdev];

    /// <inheritdoc/>
    public void Dispose()
    {
        _scheduler.Run(async () =>
        {
            foreach (RpmsgEndpoint endpoint in _endpoints) await endpoint.DestroyAsync();
            foreach (VirtioDevice device in _devices) await _virtioBus.UnregisterDeviceAsync(device);
        });
        _scheduler.Dispose();
    }

    private void AddEndpoint(RpmsgDevice control, RpmsgAddress address)
    {
        RpmsgEndpoint? endpoint = control.CreateEndpoint(static _ => throw new BenchFailureException("nobody has polled"), address);
        if (endpoint is null) throw new BenchFailureException($"address {address} is taken");
        endpoint.IsPolled = true;
        _endpoints.Add(endpoint);
    }

    private void Kick(EventFd bell)
    {
        bell.Ring();
        KickCount++;
    }

    private static void Must(Errno errno)
    {
        if (errno != Errno.Ok) throw new BenchFailureException($"the rpmsg host does not come up: {errno.Kernel()}");
    }
}
