using System;
using System.Collections.Generic;
using System.Globalization;
using System.Runtime.InteropServices;
using System.Text;
using RemoteprocEmu.Cores.Scripted;
using RemoteprocEmu.DriverModel.Devices;
using RemoteprocEmu.Explorer;
using RemoteprocEmu.Explorer.Scenarios;
using RemoteprocEmu.Platform;
using RemoteprocEmu.Remoteproc;
using RemoteprocEmu.Remoteproc.Lifecycle;
using RemoteprocEmu.Rpmsg.Bus;
using RemoteprocEmu.Virtio.Remote;

namespace RemoteprocEmu.Board.Scenarios;

/// <summary>
/// What an observer sees of a scenario's machine when everything is quiet: as numbers, and as text for each new row of numbers.
/// </summary>
internal sealed class ScenarioView
{
    private const int NoDriver = -1;
    private readonly Scenario _scenario;
    private readonly ScenarioAction[] _actions;
    private readonly List<long> _row = [];
    private readonly Dictionary<long[], RunResult> _results = new(new RowComparer());
    private readonly Dictionary<long[], RunResult>.AlternateLookup<ReadOnlySpan<long>> _resultsByRow;

    /// <summary>Makes one for many runs.</summary>
    /// <param name="scenario">What is run.</param>
    /// <param name="actions">Its actions, in the order of their errnos.</param>
    public ScenarioView(Scenario scenario, ScenarioAction[] actions)
    {
        _scenario = scenario;
        _actions = actions;
        _resultsByRow = _results.GetAlternateLookup<ReadOnlySpan<long>>();
    }

    /// <summary>The result of a clean run with this outcome; made once for each outcome.</summary>
    /// <param name="machine">The machine.</param>
    /// <param name="errnos">What each action returned; -1 for one that was not done.</param>
    public RunResult ResultOf(ScenarioMachine machine, ReadOnlySpan<int> errnos)
    {
        _row.Clear();
        foreach (int errno in errnos) _row.Add(errno);
        for (int i = 0; i < machine.Cores.Length; i++) AddProcessor(machine, i);
        ReadOnlySpan<long> row = CollectionsMarshal.AsSpan(_row);
        if (_resultsByRow.TryGetValue(row, out RunResult? result)) return result;
        result = new RunResult([], Describe(row));
        _results.Add(row.ToArray(), result);
        return result;
    }

    /// <summary>Channels that a processor's vdevs carry, without the bus's own services.</summary>
    public static int ChannelCount(ScenarioMachine machine, Rproc rproc)
    {
        int count = 0;
        IReadOnlyList<Device> devices = machine.Machine.RpmsgCore.Bus.Devices;
        for (int i = 0; i < devices.Count; i++)
        {
            if (devices[i] is RpmsgDevice { DriverOverride: null } channel && ScenarioActions.VdevOf(channel)?.Rproc == rproc) count++;
        }

        return count;
    }

    private void AddProcessor(ScenarioMachine machine, int index)
    {
        ScriptedCore core = machine.Cores[index];
        Rproc? rproc = machine.RprocOf(index);
        _row.Add(rproc is null ? NoDriver : (int)rproc.State);
        _row.Add(rproc?.Power ?? 0);
        _row.Add(rproc?.CrashCount ?? 0);
        _row.Add(rproc is null ? 0 : ChannelCount(machine, rproc));
        _row.Add(core.Counters.Starts);
        IReadOnlyList<VdevSnapshot> first = core.FirstInstruction;
        _row.Add(first.Count);
        for (int i = 0; i < first.Count; i++)
        {
            VdevSnapshot vdev = first[i];
            _row.Add(vdev.Status);
            _row.Add(vdev.DriverFeatures);
            AddRing(vdev.Vring0);
            AddRing(vdev.Vring1);
        }
    }

    private void AddRing(in RemoteVring ring)
    {
        _row.Add(ring.Address.IsAny ? 0 : ring.Address.Value == 0 ? 1 : 2);
        _row.Add(ring.NotifyId);
    }

    private string Describe(ReadOnlySpan<long> row)
    {
        StringBuilder text = new();
        for (int i = 0; i < _actions.Length; i++)
        {
            string errno = row[i] < 0 ? "not done" : ((Errno)row[i]).Name();
            _ = text.Append(_actions[i].Text).Append(": ").Append(errno).Append("; ");
        }

        int at = _actions.Length;
        foreach (ScenarioProcessor processor in _scenario.Processors)
        {
            string state = row[at] == NoDriver ? "no driver" : ((RprocState)row[at]).Word();
            _ = text.Append(CultureInfo.InvariantCulture, $"{processor.Name} {state}, power {row[at + 1]}, crashes {row[at + 2]}, ")
                .Append(CultureInfo.InvariantCulture, $"channels {row[at + 3]}, starts {row[at + 4]}; ");
            long vdevCount = row[at + 5];
            at += 6;
            for (int vdev = 0; vdev < vdevCount; vdev++, at += 6)
            {
                _ = text.Append(CultureInfo.InvariantCulture, $"vdev{vdev} at the first instruction: status {row[at]}, ")
                    .Append(CultureInfo.InvariantCulture, $"gfeatures {row[at + 1]}, ")
                    .Append(CultureInfo.InvariantCulture, $"da {DaWord(row[at + 2])} {DaWord(row[at + 4])}, ")
                    .Append(CultureInfo.InvariantCulture, $"notifyid {row[at + 3]} {row[at + 5]}; ");
            }
        }

        return text.ToString().TrimEnd(' ', ';');
    }

    private static string DaWord(long category) => category switch { 0 => "any", 1 => "0", _ => "set" };

    /// <summary>Rows are equal when their numbers are.</summary>
    private sealed class RowComparer : IEqualityComparer<long[]>, IAlternateEqualityComparer<ReadOnlySpan<long>, long[]>
    {
        public bool Equals(long[]? x, long[]? y) => x.AsSpan().SequenceEqual(y);

        public bool Equals(ReadOnlySpan<long> alternate, long[] other) => alternate.SequenceEqual(other);

        public int GetHashCode(long[] obj) => GetHashCode(obj.AsSpan());

        public int GetHashCode(ReadOnlySpan<long> alternate)
        {
            ulong hash = 0xCBF2_9CE4_8422_2325;
            foreach (long value in alternate) hash = (hash ^ (ulong)value) * 0x100_0000_01B3;
            return (int)(hash ^ (hash >> 32));
        }

        public long[] Create(ReadOnlySpan<long> alternate) => alternate.ToArray();
    }
}
