using BenchmarkDotNet.Attributes;
using RemoteprocEmu.Board;
using RemoteprocEmu.Cores.Programs;
using RemoteprocEmu.Platform;
using RemoteprocEmu.Remoteproc;
using RemoteprocEmu.Remoteproc.Lifecycle;

namespace RemoteprocEmu.Benchmarks.Micro;

/// <summary>
/// What does a boot cost on virtual time, from rproc_boot to RUNNING with its channel's driver loaded, and the shutdown after it?
/// </summary>
[MemoryDiagnoser]
public class BootBenchmarks
{
    private Machine? _machine;

    /// <summary>A sample, by name.</summary>
    [Params("rpmsg-echo", "net-eight")]
    public string Image { get; set; } = "";

    [GlobalSetup]
    public void Load()
    {
        _machine = new Machine(new MachineOptions(),
            new ProcessorOptions { Image = SampleImages.Find(Image)!.Read(), Program = new EchoProgram(), AutoBoot = false });
        _machine.Run(async () =>
        {
            Check.That(await _machine.ModprobeAsync("virtio_rpmsg_bus") == Errno.Ok, "the rpmsg bus is loaded");
            Check.That(await _machine.ModprobeAsync("emu_rproc") == Errno.Ok, "the platform driver is loaded");
        });
    }

    [GlobalCleanup]
    public void Unload()
    {
        _machine!.Run(async () => Check.That(await _machine.UnloadAllAsync() == Errno.Ok, "everything unloads"));
        Check.That(_machine.WhatIsLeft().Count == 0, "nothing is left");
        _machine.Dispose();
    }

    [Benchmark(Description = "boot to RUNNING, and shutdown")]
    public void BootAndShutdown() => _machine!.Run(async () =>
    {
        Rproc rproc = _machine.Processors[0].Rproc!;
        Check.That(await rproc.BootAsync() == Errno.Ok && rproc.State == RprocState.Running, "it runs");
        Check.That(await rproc.ShutdownAsync() == Errno.Ok && rproc.State == RprocState.Offline, "it is off");
    });
}
