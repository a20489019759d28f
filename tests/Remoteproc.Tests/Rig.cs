using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Threading.Tasks;
using RemoteprocEmu.Board;
using RemoteprocEmu.Cores.Scripted;
using RemoteprocEmu.Platform;
using RemoteprocEmu.Platform.Faults;
using RemoteprocEmu.Platform.Tasks;
using RemoteprocEmu.Platform.Trace;
using RemoteprocEmu.Remoteproc.Eras;
using RemoteprocEmu.Remoteproc.Interfaces;

namespace RemoteprocEmu.Remoteproc.Tests;

/// <summary>A machine with one processor, on virtual time, and what a row of the scenario table needs to talk to it.</summary>
internal sealed class Rig : IDisposable
{
    public Rig(ReadOnlyMemory<byte> image, RecordingCore? core = null, Func<ProcessorOptions, ProcessorOptions>? processor = null,
        Era? era = null, IFaultPlan? faults = null, ITraceSink? trace = null, IChoices? choices = null,
        RemoteProgram? program = null, int clientSampleCount = 100)
    {
        Core = core ?? new RecordingCore();
        ProcessorOptions options = new()
        {
            Image = image,
            Core = program is null ? _ => Core : null,
            Program = program,
            FirmwareName = "fw.elf",
        };
        Machine = new Machine(
            new MachineOptions { Era = era, Faults = faults, Trace = trace, Choices = choices, ClientSampleCount = clientSampleCount },
            processor?.Invoke(options) ?? options);
    }

    public const string RpmsgBus = "virtio_rpmsg_bus";

    public Machine Machine { get; }

    public RecordingCore Core { get; }

    /// <summary>The core, when firmware written in C# runs on it.</summary>
    public ScriptedCore Scripted => (ScriptedCore)Machine.Processors[0].Core;

    public Rproc Rproc => Machine.Processors[0].Rproc ?? throw new InvalidOperationException("the platform driver is not loaded");

    public RprocSysfs Sysfs => new(Rproc);

    /// <summary>The channels that the remote has announced to the client sample.</summary>
    public string[] Channels =>
    [
        .. Machine.RpmsgCore.Bus.Devices.Select(device => device.Name)
            .Where(name => name.Contains("client-sample", StringComparison.Ordinal)),
    ];

    public IEnumerable<string> Log => Machine.Kernel.Log.Lines.Select(line => line.Text);

    /// <summary>Runs a scenario; afterwards everything is unloaded and nothing may be left.</summary>
    public void Run(Func<ValueTask> scenario)
    {
        Errno unloaded = Errno.Ok;
        Machine.Run(async () =>
        {
            await scenario();
            unloaded = await Machine.UnloadAllAsync();
        });
        Xunit.Assert.Equal(Errno.Ok, unloaded);
        Xunit.Assert.Empty(Machine.WhatIsLeft());
    }

    /// <summary>Loads the platform driver and lets the auto boot, if there is one, come to its end.</summary>
    public async ValueTask LoadPlatformDriverAsync()
    {
        Xunit.Assert.Equal(Errno.Ok, await Machine.ModprobeAsync("emu_rproc"));
        await SettleAsync();
    }

    /// <summary>Loads the bus of rpmsg, and its driver of vdevs.</summary>
    public async ValueTask LoadBusAsync() => Xunit.Assert.Equal(Errno.Ok, await Machine.ModprobeAsync(RpmsgBus));

    /// <summary>By hand: every user lets go. Where a processor pins its own driver, nothing else lets that be unloaded.</summary>
    public async ValueTask PowerOffAsync()
    {
        while (Rproc.Power > 0) Xunit.Assert.Equal(Errno.Ok, await Rproc.ShutdownAsync());
    }

    /// <summary>Waits for something that takes messages to come about; at most half a second.</summary>
    public async ValueTask<bool> HappensAsync(Func<bool> condition)
    {
        for (int i = 0; i < 500 && !condition(); i++) await SettleAsync();
        return condition();
    }

    /// <summary>Lets everything that can run, run.</summary>
    public ValueTask SettleAsync() => Machine.Scheduler.DelayAsync(1_000_000);

    public async ValueTask CrashAsync()
    {
        Rproc.ReportCrash(Lifecycle.RprocCrashType.FatalError);
        await Rproc.Crash.FlushAsync();
    }

    public void Dispose() => Machine.Dispose();

    public static Era EraOf(string name) =>
        Era.TryParse(name, out Era? era) ? era : throw new ArgumentException($"there is no era {name}", nameof(name));

    /// <summary>A sample image, by file name.</summary>
    public static byte[] Sample(string fileName) => SampleImages.Find(Path.GetFileNameWithoutExtension(fileName))!.Read();
}
