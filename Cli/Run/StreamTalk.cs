using System;
using System.Collections.Generic;
using System.Linq;
using RemoteprocEmu.Board;
using RemoteprocEmu.Board.Traffic;
using RemoteprocEmu.Cores.Scripted;
using RemoteprocEmu.DriverModel.Devices;
using RemoteprocEmu.Platform;
using RemoteprocEmu.Remoteproc.Vdevs;
using RemoteprocEmu.Virtio.Console;
using RemoteprocEmu.Virtio.Net;

namespace RemoteprocEmu.Cli.Run;

/// <summary>The host's side of the vdevs that carry no messages: frames over each interface, records over each serial port or
/// console, as they come.</summary>
internal sealed class StreamTalk
{
    private readonly Machine _machine;
    private readonly int _expectedCount;
    private readonly long _count;
    private readonly Action<string> _find;
    private readonly SortedDictionary<int, (FrameExchange Exchange, string HostName)> _frames = [];
    private readonly SortedDictionary<int, (ByteExchange Exchange, string HostName)> _bytes = [];

    /// <summary>Talks over whatever comes from here on.</summary>
    /// <param name="machine">Where.</param>
    /// <param name="traits">What the image has.</param>
    /// <param name="count">Frames or records each way, over each vdev.</param>
    /// <param name="find">Told what went wrong.</param>
    public StreamTalk(Machine machine, ImageTraits traits, long count, Action<string> find)
    {
        _machine = machine;
        _expectedCount = traits.NetVdevCount + traits.ByteVdevCount;
        _count = count;
        _find = find;
        machine.Net.InterfaceAdded += OnInterface;
        machine.Console.PortAdded += OnPort;
    }

    /// <summary>Whether the last of every vdev is back.</summary>
    public bool IsDone => _frames.Count + _bytes.Count == _expectedCount &&
        _frames.Values.All(entry => entry.Exchange.IsDone) && _bytes.Values.All(entry => entry.Exchange.IsDone);

    /// <summary>Frames and records that came back, over all vdevs.</summary>
    public long VerifiedCount =>
        _frames.Values.Sum(entry => entry.Exchange.Stream!.VerifiedCount) + _bytes.Values.Sum(entry => entry.Exchange.Stream.VerifiedCount);

    /// <summary>Tells what is missing.</summary>
    public void FindWhatIsMissing()
    {
        int absent = _expectedCount - _frames.Count - _bytes.Count;
        if (absent > 0) _find($"{absent} of {_expectedCount} net, console and serial vdevs got no driver; the log says why");
        foreach ((int vdev, (FrameExchange exchange, _)) in _frames) FindMissing(vdev, StreamRow.Frames, exchange.Stream!);
        foreach ((int vdev, (ByteExchange exchange, _)) in _bytes) FindMissing(vdev, StreamRow.Records, exchange.Stream);
    }

    /// <summary>Takes down what passed.</summary>
    public void Observe(ScriptedCore? core, RunReport report)
    {
        foreach ((int vdev, (FrameExchange exchange, string name)) in _frames)
            Observe(core, vdev, StreamRow.Frames, name, exchange.Stream!, report);
        foreach ((int vdev, (ByteExchange exchange, string name)) in _bytes)
            Observe(core, vdev, StreamRow.Records, name, exchange.Stream, report);
    }

    private static void Observe(ScriptedCore? core, int vdev, string kind, string name, MessageStream stream, RunReport report)
    {
        VdevCounters counters = core?.GetVdevCounters(vdev) ?? default;
        long bad = stream.LostCount + stream.DuplicateCount + stream.DamagedCount;
        report.Streams.Add(new StreamRow(
            vdev, kind, name, counters.Received, counters.Sent, stream.VerifiedCount, stream.SentAgainCount, bad));
        if (bad == 0) return;
        report.Findings.Add($"vdev {vdev}: {stream.LostCount} {kind} lost, {stream.DuplicateCount} doubled, {stream.DamagedCount} altered");
    }

    private static int VdevIndexOf(Device? virtio) => virtio?.Parent is RprocVdev vdev ? vdev.Index : -1;

    private void OnInterface(NetDevice device)
    {
        int index = VdevIndexOf(device.Virtio);
        FrameExchange exchange = _frames.TryGetValue(index, out (FrameExchange Exchange, string) known)
            ? known.Exchange : new FrameExchange(index, _count);
        _frames[index] = (exchange, device.Name);
        Errno errno = exchange.Begin(device);
        if (errno != Errno.Ok) _find($"{device.Name} does not open: {errno.Name()}");
    }

    private void OnPort(ConsolePort port)
    {
        int index = VdevIndexOf(port.Parent);
        ByteExchange exchange = _bytes.TryGetValue(index, out (ByteExchange Exchange, string) known)
            ? known.Exchange : new ByteExchange(index, _count);
        _bytes[index] = (exchange, port.Node.Name);
        _ = _machine.Scheduler.Spawn($"cat {port.Node.Name}", async () => _ = await exchange.RunAsync(port)); // what is missing is found
    }

    private void FindMissing(int vdev, string kind, MessageStream stream)
    {
        if (!stream.IsDone) _find($"vdev {vdev}: {stream.VerifiedCount} of {stream.Target} {kind} came back, then none for 5 s");
    }
}
