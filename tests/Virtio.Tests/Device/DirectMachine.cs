using System;
using System.Collections.Generic;
using System.Linq;
using System.Threading.Tasks;
using RemoteprocEmu.DriverModel;
using RemoteprocEmu.Platform.Memory;
using RemoteprocEmu.Platform.Tasks;
using RemoteprocEmu.Virtio.Device;
using RemoteprocEmu.Virtio.Direct;
using RemoteprocEmu.Virtio.Remote;

namespace RemoteprocEmu.Virtio.Tests.Device;

/// <summary>A kernel with a virtio bus, memory, and devices back to back with their halves.</summary>
internal sealed class DirectMachine : IDisposable
{
    private readonly SharedMemory _memory = SharedMemory.Create("direct tests", 4 << 20);
    private readonly VirtualScheduler _scheduler = new();

    public DirectMachine()
    {
        Kernel = new Kernel(_scheduler);
        Bus = new VirtioBus(Kernel);
        Bank = new MemoryBank("ddr", new PhysicalAddress(0x4000_0000), _memory);
    }

    public Kernel Kernel { get; }

    public VirtioBus Bus { get; }

    public MemoryBank Bank { get; }

    public Scheduler Scheduler => _scheduler;

    public IEnumerable<string> LogText => Kernel.Log.Lines.Select(line => line.Text);

    /// <summary>A device of some type that no half serves yet.</summary>
    public DirectTransport Create(uint id, ulong features, byte[]? config = null, params int[] queueSizes) => new(Bus, Bank,
        new DirectDevice(id) { Features = features, Config = config ?? [], QueueSizes = queueSizes.Length == 0 ? [64, 64] : queueSizes });

    /// <summary>Lets a task serve a device half for as long as the machine runs.</summary>
    public void Serve(DirectTransport transport, IRemoteDevice half) =>
        _ = Scheduler.Spawn("device", () => ServeAsync(transport, half), Scheduler.CreateCpu("device"), isDaemon: true);

    /// <summary>Lets everything happen that can.</summary>
    public ValueTask SettleAsync() => Scheduler.DelayAsync(1_000_000);

    public void Run(Func<ValueTask> body) => _scheduler.Run(body);

    public void Dispose() => ((IDisposable)_memory).Dispose();

    private static async ValueTask ServeAsync(DirectTransport transport, IRemoteDevice half)
    {
        while (true)
        {
            while (half.PollOnce()) { }
            _ = await transport.DeviceBell.WaitAsync();
            while (transport.DeviceBell.TryTake(out int _)) { }
        }
    }
}
