using System;
using System.Collections.Generic;
using System.Linq;
using System.Threading.Tasks;
using RemoteprocEmu.DriverModel;
using RemoteprocEmu.DriverModel.Nodes;
using RemoteprocEmu.Platform;
using RemoteprocEmu.Platform.Memory;
using RemoteprocEmu.Platform.Tasks;
using RemoteprocEmu.Rpmsg.Bus;
using RemoteprocEmu.Rpmsg.Drivers;
using RemoteprocEmu.Rpmsg.Remote;
using RemoteprocEmu.Rpmsg.VirtioBackend;
using RemoteprocEmu.Rpmsg.Wire;
using RemoteprocEmu.Virtio.Device;
using Xunit;

namespace RemoteprocEmu.Rpmsg.Tests.Machine;

/// <summary>A kernel with the rpmsg modules, and vdevs with our own remote half behind each. Nothing moves by itself but where a test says
/// so.</summary>
internal sealed class RpmsgMachine : IDisposable
{
    public const ulong NameService = 1;
    public const ulong BufferSizes = 2;
    public const ulong EventIndex = 1UL << VirtioFeatures.RingEventIdx;

    private readonly SharedMemory _shared = SharedMemory.Create("rpmsg-machine", 4 << 20);
    private readonly RemoteMemory _memory;

    public RpmsgMachine(IChoices? choices = null)
        : this(new VirtualScheduler(choices))
    {
    }

    public RpmsgMachine(Scheduler scheduler)
    {
        Scheduler = scheduler;
        Kernel = new Kernel(Scheduler);
        Bank = new MemoryBank("ddr", new PhysicalAddress(0x8000_0000), _shared);
        PhysicalMemory physical = new();
        physical.Add(Bank);
        _memory = new RemoteMemory(physical, new AddressMap(), iommu: null, reachesBus: true);
        VirtioBus = new VirtioBus(Kernel);
        Core = new RpmsgCoreModule(Kernel);
        Sample = new RpmsgClientSampleModule(Kernel, Core);
        VirtioRpmsgBus = new VirtioRpmsgBusModule(Kernel, Core, VirtioBus);
        Character = new RpmsgCharModule(Kernel, Core);
        ControlModule = new RpmsgCtrlModule(Kernel, Core, Character);
        Tty = new RpmsgTtyModule(Kernel, Core);
    }

    public Scheduler Scheduler { get; }

    public Kernel Kernel { get; }

    public MemoryBank Bank { get; }

    public VirtioBus VirtioBus { get; }

    public RpmsgCoreModule Core { get; }

    public RpmsgClientSampleModule Sample { get; }

    public VirtioRpmsgBusModule VirtioRpmsgBus { get; }

    public RpmsgCharModule Character { get; }

    public RpmsgCtrlModule ControlModule { get; }

    public RpmsgTtyModule Tty { get; }

    public List<VdevDouble> Vdevs { get; } = [];

    public List<VirtioDevice> Devices { get; } = [];

    public List<RemoteRpmsg> Remotes { get; } = [];

    /// <summary>Notifyids that the remotes have kicked, in order.</summary>
    public List<int> RemoteKicks { get; } = [];

    public VdevDouble Vdev => Vdevs[0];

    public RemoteRpmsg Remote => Remotes[0];

    public VirtioDevice Device => Devices[0];

    /// <summary>Called on each kick of a remote; null for nobody.</summary>
    public Action<int>? OnRemoteKick { get; set; }

    public IReadOnlyList<string> Log => [.. Kernel.Log.Lines.Select(line => line.Text)];

    public IEnumerable<RpmsgDevice> Channels => Core.Bus.Devices.Cast<RpmsgDevice>().Where(channel => channel.DriverOverride is null);

    /// <summary>The channel device on which the CREATE_DEV of rpmsg_ctrl works.</summary>
    public RpmsgDevice Control =>
        (RpmsgDevice)Core.Bus.Devices.First(device => device.Name.EndsWith(".rpmsg_ctrl.0.0", StringComparison.Ordinal));

    public void Dispose() => ((IDisposable)_shared).Dispose();

    /// <summary>insmod rpmsg_core, rpmsg_ns, virtio_rpmsg_bus.</summary>
    public async ValueTask InsmodAsync()
    {
        Assert.Equal(Errno.Ok, await Kernel.Modules.InsmodAsync(Core));
        Assert.Equal(Errno.Ok, await Kernel.Modules.InsmodAsync(new RpmsgNsModule(Kernel, Core)));
        Assert.Equal(Errno.Ok, await Kernel.Modules.InsmodAsync(VirtioRpmsgBus));
    }

    /// <summary>insmod rpmsg_char, rpmsg_ctrl.</summary>
    public async ValueTask InsmodCharacterDevicesAsync()
    {
        Assert.Equal(Errno.Ok, await Kernel.Modules.InsmodAsync(Character));
        Assert.Equal(Errno.Ok, await Kernel.Modules.InsmodAsync(ControlModule));
    }

    /// <summary>open(2) that succeeds.</summary>
    public async ValueTask<DeviceFile> OpenAsync(string path, OpenFlags flags = OpenFlags.ReadWrite)
    {
        (Errno errno, DeviceFile? file) = await Kernel.Nodes.OpenAsync(path, flags);
        Assert.Equal(Errno.Ok, errno);
        return file!;
    }

    /// <summary>Adds a vdev; with the modules loaded, its driver probes before this returns.</summary>
    public async ValueTask AddVdevAsync(int rxSize, int txSize, ulong features = NameService, byte[]? config = null)
    {
        VdevDouble vdev = new(Bank, _memory, rxSize, txSize, features, firstNotifyId: 2 * Vdevs.Count)
        {
            Config = config ?? [],
        };
        Vdevs.Add(vdev);
        Remotes.Add(new RemoteRpmsg(Scheduler, _memory, vdev, notifyId =>
        {
            RemoteKicks.Add(notifyId);
            OnRemoteKick?.Invoke(notifyId);
        }));
        VirtioDevice device = new(VirtioBus, vdev, new VirtioDeviceId(VirtioDeviceId.Rpmsg, 0), parent: null);
        Devices.Add(device);
        Assert.Equal(Errno.Ok, await VirtioBus.RegisterDeviceAsync(device));
    }

    /// <summary>Runs <paramref name="test"/> with the modules loaded and one vdev probed.</summary>
    public void Run(int size, Func<ValueTask> test, int? txSize = null, ulong features = NameService, byte[]? config = null)
    {
        Scheduler.Run(async () =>
        {
            await InsmodAsync();
            await AddVdevAsync(size, txSize ?? size, features, config);
            await test();
        });
    }

    /// <summary>The remote's interrupt about what it has sent.</summary>
    public ValueTask<IrqReturn> InterruptRxAsync(int vdev = 0) => Devices[vdev].Virtqueues[0].InterruptAsync();

    /// <summary>The remote's interrupt about what it has read.</summary>
    public ValueTask<IrqReturn> InterruptTxAsync(int vdev = 0) => Devices[vdev].Virtqueues[1].InterruptAsync();

    /// <summary>The remote announces a channel, and the host hears of it.</summary>
    public async ValueTask AnnounceAsync(string name, uint address, NameServiceFlags flags = NameServiceFlags.Create, int vdev = 0)
    {
        Assert.Equal(RemoteStatus.Ok, Remotes[vdev].TrySendNameService(name, new RpmsgAddress(address), flags));
        _ = await InterruptRxAsync(vdev);
    }

    /// <summary>Host and remote go on until neither has anything more to do.</summary>
    public async ValueTask SettleAsync(int vdev = 0)
    {
        while (true)
        {
            long before = Remotes[vdev].ReceivedCount;
            _ = Remotes[vdev].Poll();
            IrqReturn irq = await InterruptRxAsync(vdev);
            if (irq == IrqReturn.None && Remotes[vdev].ReceivedCount == before) return;
        }
    }
}
