using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Text;
using System.Threading;
using System.Threading.Tasks;
using RemoteprocEmu.Board.VhostUser;
using RemoteprocEmu.Cores.Programs;
using RemoteprocEmu.DriverModel;
using RemoteprocEmu.Interop.Native;
using RemoteprocEmu.Interop.VhostUser;
using RemoteprocEmu.Platform;
using RemoteprocEmu.Platform.Tasks;
using RemoteprocEmu.Rpmsg.Bus;
using RemoteprocEmu.Rpmsg.Drivers;
using RemoteprocEmu.Rpmsg.VirtioBackend;
using RemoteprocEmu.Rpmsg.Wire;
using RemoteprocEmu.Virtio.Device;
using Xunit;

namespace RemoteprocEmu.Interop.Tests.VhostUser;

/// <summary>
/// Our own host side against the server that the real kernel talks to: it must say, and print, what tests/interop has recorded of Linux.
/// </summary>
public sealed class OurHostTests : IDisposable
{
    private const long MillisecondNs = 1_000_000;
    private const int Patience = 5000;

    private readonly string _folder = Directory.CreateTempSubdirectory("rproc-vhost").FullName;
    private readonly List<string> _conversation = [];
    private readonly ThreadedScheduler _scheduler = new();
    private readonly Kernel _kernel;
    private readonly RpmsgCoreModule _core;
    private readonly RpmsgClientSampleModule _sample;
    private readonly VirtioBus _bus;

    public OurHostTests()
    {
        _kernel = new Kernel(_scheduler);
        _bus = new VirtioBus(_kernel);
        _core = new RpmsgCoreModule(_kernel);
        _sample = new RpmsgClientSampleModule(_kernel, _core);
    }

    public void Dispose()
    {
        _scheduler.Dispose();
        Directory.Delete(_folder, recursive: true);
    }

    [Fact]
    public void Our_host_says_what_Linux_says()
    {
        Serve(async () =>
        {
            await InsmodAsync(new VirtioRpmsgBusModule(_kernel, _core, _bus));
            await UntilAsync(() => ChannelCount == 3);
            await _scheduler.DelayAsync(200 * MillisecondNs);
            _sample.Count = 3;
            await InsmodAsync(_sample);
            await UntilAsync(() => Logged("goodbye!") == 1);
            await _scheduler.DelayAsync(200 * MillisecondNs);
            await RmmodAsync(RpmsgClientSampleModule.ModuleName);
            await RmmodAsync(VirtioRpmsgBusModule.ModuleName);
            await InsmodAsync(new VirtioRpmsgBusModule(_kernel, _core, _bus));
            await UntilAsync(() => ChannelCount == 3);
            await _scheduler.DelayAsync(200 * MillisecondNs);
            await RmmodAsync(VirtioRpmsgBusModule.ModuleName);
        });
        // The one difference: Linux disarms a ring with event index by "the first one", and is called for that (docs/fidelity.md).
        List<string> linux = [.. Golden("conversation")];
        Assert.True(linux.Remove("call 1"));
        Assert.Equal(linux, _conversation);
    }

    [Fact]
    public void Our_host_prints_what_Linux_prints()
    {
        string[] lines = [];
        Serve(async () =>
        {
            await InsmodAsync(new VirtioRpmsgBusModule(_kernel, _core, _bus));
            await UntilAsync(() => ChannelCount == 3);
            await InsmodAsync(_sample);
            await UntilAsync(() => Logged("goodbye!") == 1);
            RpmsgDevice control = (RpmsgDevice)_core.Bus.Devices.First(device =>
                device.Name.EndsWith(".rpmsg_ctrl.0.0", StringComparison.Ordinal));
            int answers = 0;
            RpmsgEndpoint endpoint = control.CreateEndpoint(_ =>
            {
                answers++;
                return ValueTask.CompletedTask;
            }, new RpmsgAddress(0x510))!;
            string[] orders = ["create rpmsg-raw 1025", "destroy nobody 77", "malformed 0", "malformed 39", "malformed 41", "stray"];
            for (int i = 0; i < orders.Length; i++)
            {
                Assert.Equal(Errno.Ok, await endpoint.SendToAsync(new RpmsgAddress(0x700), Encoding.ASCII.GetBytes(orders[i])));
                int wanted = i + 1;
                await UntilAsync(() => answers == wanted);
            }

            lines = [.. _kernel.Log.Lines.Select(line => line.Text)
                .Where(text => !text.Contains("incoming msg", StringComparison.Ordinal))];
            await endpoint.DestroyAsync();
            await RmmodAsync(RpmsgClientSampleModule.ModuleName);
            await RmmodAsync(VirtioRpmsgBusModule.ModuleName);
        });
        Assert.Equal(Golden("kernel-log").Order(StringComparer.Ordinal), lines.Order(StringComparer.Ordinal));
    }

    private static string[] Golden(string name) => File.ReadAllLines(Path.Combine(AppContext.BaseDirectory, "golden", name));

    private int ChannelCount => _core.Bus.Devices.Count(device => ((RpmsgDevice)device).DriverOverride is null);

    private int Logged(string text) => _kernel.Log.Lines.Count(line => line.Text.Contains(text, StringComparison.Ordinal));

    /// <summary>Serves a device with the lab behind it, connects our bus to it, and runs a story on the host.</summary>
    private void Serve(Func<ValueTask> story)
    {
        string path = Path.Combine(_folder, "s");
        VhostUserPortOptions port = new()
        {
            Name = "s",
            SocketPath = path,
            Program = new LabProgram(),
            Protocol = new VhostUserOptions { Features = 1 | (1ul << VirtioFeatures.RingEventIdx) | (1ul << VirtioFeatures.Version1) },
            TracesMessages = true,
        };
        using CancellationTokenSource stop = new();
        using VhostUserServer server = new([port], OnEvent);
        Thread serving = new(() => server.Run(stop.Token));
        serving.Start();
        try
        {
            _scheduler.Run(() => RunAsync(path, story));
        }
        finally
        {
            for (int i = 0; i < Patience && !HasDisconnected(); i++) Thread.Sleep(1);
            stop.Cancel();
            serving.Join();
        }
    }

    private bool HasDisconnected()
    {
        lock (_conversation) return _conversation.Count > 0 && _conversation[^1].StartsWith("connection closed", StringComparison.Ordinal);
    }

    private void OnEvent(VhostUserEvent happened)
    {
        if (happened.Kind is VhostUserEventKind.Listening or VhostUserEventKind.Firmware) return;
        lock (_conversation) _conversation.Add(happened.Text);
    }

    private async ValueTask RunAsync(string path, Func<ValueTask> story)
    {
        using LinuxTransport transport = new(new FrontEnd(DescriptorListener.Connect(path), static () => Thread.Sleep(1)));
        _ = _scheduler.Spawn("interrupts", async () =>
        {
            while (true)
            {
                if (!await transport.InterruptAsync()) await _scheduler.DelayAsync(MillisecondNs / 10);
            }
        }, isDaemon: true);
        VirtioDevice device = new(_bus, transport, new VirtioDeviceId(VirtioDeviceId.Rpmsg, 0), parent: null);
        Assert.Equal(Errno.Ok, await _bus.RegisterDeviceAsync(device));
        await InsmodAsync(_core);
        await InsmodAsync(new RpmsgNsModule(_kernel, _core));
        await story();
    }

    private async ValueTask InsmodAsync(DriverModel.Modules.KernelModule module) =>
        Assert.Equal(Errno.Ok, await _kernel.Modules.InsmodAsync(module));

    private async ValueTask RmmodAsync(string name) => Assert.Equal(Errno.Ok, await _kernel.Modules.RmmodAsync(name));

    private async ValueTask UntilAsync(Func<bool> condition)
    {
        for (int i = 0; i < Patience && !condition(); i++) await _scheduler.DelayAsync(MillisecondNs);
        Assert.True(condition());
    }
}
