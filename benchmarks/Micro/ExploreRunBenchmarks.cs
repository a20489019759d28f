using System;
using System.Threading.Tasks;
using BenchmarkDotNet.Attributes;
using RemoteprocEmu.Board;
using RemoteprocEmu.Cores.Programs;
using RemoteprocEmu.Firmware.Elf;
using RemoteprocEmu.Firmware.ResourceTable;
using RemoteprocEmu.Platform;
using RemoteprocEmu.Platform.Memory;
using RemoteprocEmu.Platform.Tasks;
using RemoteprocEmu.Rpmsg.Bus;

namespace RemoteprocEmu.Benchmarks.Micro;

/// <summary>
/// What does one run of a search of schedules cost: modules loaded, a processor that boots by itself, its first channels, all unloaded?
/// </summary>
[MemoryDiagnoser]
public class ExploreRunBenchmarks
{
    private const uint Rpmsg = 7;

    private Machine? _machine;
    private ulong _seed;

    /// <summary>Rpmsg vdevs of the image, each with two rings of 16.</summary>
    [Params(1, 2, 8)]
    public int Vdevs { get; set; }

    /// <summary>Whether each run has choices of its own; otherwise nothing preempts anything.</summary>
    [Params(false, true)]
    public bool Seeded { get; set; }

    [GlobalSetup]
    public void MakeMachine()
    {
        _machine = new Machine(new MachineOptions { KeepsLog = false },
            new ProcessorOptions { Image = MakeImage(Vdevs), Program = new EchoProgram() });
        VirtualScheduler scheduler = (VirtualScheduler)_machine.Scheduler;
        _machine.Run(ScenarioAsync);
        Console.WriteLine($"// {Vdevs} vdevs, nothing preempts: {scheduler.PointCount} scheduling points, {scheduler.DecisionCount} " +
            $"decisions, {scheduler.SwitchCount} task switches");
        Check.That(_machine.TryRewind(null), "the machine can be run again");
    }

    [GlobalCleanup]
    public void DisposeMachine() => _machine!.Dispose();

    [Benchmark(Description = "one run on a machine that is run again")]
    public void Run()
    {
        _machine!.Run(ScenarioAsync);
        Check.That(_machine.TryRewind(Seeded ? new SeededChoices(++_seed) : null), "the run ended clean");
    }

    private async ValueTask ScenarioAsync()
    {
        Check.That(await _machine!.ModprobeAsync("virtio_rpmsg_bus") == Errno.Ok, "the rpmsg bus is loaded");
        Check.That(await _machine.ModprobeAsync("emu_rproc") == Errno.Ok, "the platform driver is loaded");
        while (CountChannels() < Vdevs) await _machine.Scheduler.DelayAsync(1_000_000);
        Check.That(await _machine.UnloadAllAsync() == Errno.Ok, "everything unloads");
    }

    private int CountChannels()
    {
        int count = 0;
        for (int i = 0; i < _machine!.RpmsgCore.Bus.Devices.Count; i++)
        {
            if (_machine.RpmsgCore.Bus.Devices[i] is RpmsgDevice { Id: EchoService.ServiceName }) count++;
        }

        return count;
    }

    private static byte[] MakeImage(int vdevs)
    {
        DeviceAddress start = new(0x1000_0000);
        VdevVring vring = new(uint.MaxValue, AlignBytes: 16, Num: 16, NotifyId: 0);
        ResourceTableBuilder table = new();
        for (int i = 0; i < vdevs; i++) _ = table.AddVdev(Rpmsg, 1, [vring, vring]);
        byte[] bytes = table.Build();
        return new ElfBuilder(entry: start)
            .AddSegment(start, bytes, memorySizeBytes: SharedMemory.PageBytes)
            .AddSectionOfSegment(".resource_table", segment: 0, offset: 0, bytes.Length)
            .Build();
    }
}
