using System;
using System.Collections.Generic;
using System.Linq;
using System.Threading.Tasks;
using RemoteprocEmu.DriverModel;
using RemoteprocEmu.Platform.Faults;
using RemoteprocEmu.Platform.Memory;
using RemoteprocEmu.Platform.Tasks;
using RemoteprocEmu.Virtio.Device;

namespace RemoteprocEmu.Virtio.Tests.Device;

/// <summary>A kernel with a virtio bus, and memory.</summary>
internal sealed class VirtioMachine : IDisposable
{
    private readonly SharedMemory _memory = SharedMemory.Create("virtio tests", 1 << 20);
    private readonly VirtualScheduler _scheduler = new();

    public VirtioMachine(IFaultPlan? faults = null)
    {
        Kernel = new Kernel(_scheduler, faults);
        Bus = new VirtioBus(Kernel);
        Bank = new MemoryBank("ddr", new PhysicalAddress(0x4000_0000), _memory);
        Transport = new MemoryTransport(Bank);
    }

    public Kernel Kernel { get; }

    public VirtioBus Bus { get; }

    public MemoryBank Bank { get; }

    public MemoryTransport Transport { get; }

    public IEnumerable<string> LogText => Kernel.Log.Lines.Select(line => line.Text);

    public VirtioDevice CreateDevice(MemoryTransport? transport = null) =>
        new(Bus, transport ?? Transport, new VirtioDeviceId(7, 0), parent: null);

    public void Run(Func<ValueTask> body) => _scheduler.Run(body);

    public void Dispose() => ((IDisposable)_memory).Dispose();
}
