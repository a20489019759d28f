using System;
using System.Collections.Generic;
using System.Linq;
using System.Threading.Tasks;
using RemoteprocEmu.Board;
using RemoteprocEmu.Cores.Scripted;
using RemoteprocEmu.Explorer.Oracles;
using RemoteprocEmu.Platform.Tasks;
using RemoteprocEmu.Remoteproc;
using RemoteprocEmu.Remoteproc.Eras;

namespace RemoteprocEmu.Explorer.Tests.Oracles;

/// <summary>A machine on virtual time that is watched from the first step to the last unload.</summary>
internal sealed class WatchedMachine : IDisposable
{
    public const string VirtioRpmsg = "virtio_rpmsg_bus";
    public const string Sample = "rpmsg_client_sample";
    public const string PlatformDriver = "emu_rproc";

    public WatchedMachine(RemoteProgram program, Era? era = null, string image = "rpmsg-echo", IChoices? choices = null,
        bool remoteIsHostile = false, byte[]? elf = null, bool isAutoBoot = true)
    {
        Machine = new Machine(new MachineOptions { Era = era, Choices = choices, ClientSampleCount = 20 },
            new ProcessorOptions
            {
                Image = elf ?? SampleImages.Find(image)!.Read(),
                Program = program,
                FirmwareName = "fw.elf",
                AutoBoot = isAutoBoot,
            });
        Watch = new Watch(Machine.Kernel, Machine.Remoteproc, [.. Machine.Processors.Select(one => (ScriptedCore)one.Core)])
        {
            RemoteIsHostile = remoteIsHostile,
        };
    }

    public Machine Machine { get; }

    public Watch Watch { get; }

    public Rproc Rproc => Machine.Processors[0].Rproc ?? throw new InvalidOperationException("the platform driver is not loaded");

    /// <summary>Rules and keys of the run, in the order of their happening.</summary>
    public string[] Found => [.. Watch.Findings.Select(finding => finding.Id)];

    /// <summary>Runs a scenario as an explored run does, and says what was found.</summary>
    public IReadOnlyList<Finding> Run(Func<ValueTask> scenario)
    {
        Watch.Begin();
        try
        {
            Machine.Run(async () =>
            {
                await scenario();
                await SettleAsync();
                await Watch.AtQuietAsync();
                _ = await Machine.UnloadAllAsync(); // what would not go is found by the watch
            });
            Watch.AtEnd(Machine.WhatIsLeft());
        }
        catch (InvalidOperationException exception)
        {
            Watch.OnException(exception);
        }
        catch (DeadlockException exception)
        {
            Watch.OnException(exception);
        }

        return Watch.Findings;
    }

    /// <summary>Loads modules in order, each with what it depends on; each has 200 ms to do what it does.</summary>
    public async ValueTask LoadAsync(params string[] modules)
    {
        foreach (string module in modules)
        {
            Xunit.Assert.Equal(Platform.Errno.Ok, await Machine.ModprobeAsync(module));
            await SettleAsync();
        }
    }

    public async ValueTask SettleAsync() => await Machine.Scheduler.DelayAsync(200_000_000);

    public void Dispose() => Machine.Dispose();
}
