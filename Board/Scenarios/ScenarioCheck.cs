using System;
using System.Collections.Generic;
using System.Globalization;
using RemoteprocEmu.Cores.Scripted;
using RemoteprocEmu.DriverModel.Log;
using RemoteprocEmu.Explorer.Scenarios;
using RemoteprocEmu.Platform.Memory;
using RemoteprocEmu.Remoteproc;
using RemoteprocEmu.Remoteproc.Eras;
using RemoteprocEmu.Remoteproc.Lifecycle;
using RemoteprocEmu.Remoteproc.Platforms;
using RemoteprocEmu.Remoteproc.Vdevs;
using RemoteprocEmu.Virtio.Remote;

namespace RemoteprocEmu.Board.Scenarios;

/// <summary>What a scenario expects to see at the end of a run, in one era: prepared once, so that a run that fits makes no text.</summary>
internal sealed class ScenarioCheck
{
    private const string None = "none";

    private readonly List<(Expectation Expectation, string[] Texts, long[] Numbers)> _items = [];
    private readonly MemoryBlock?[] _blocks;
    private readonly bool _hasMemory;
    private int _lineFrom; // lines of the log come in the order in which they are expected

    /// <summary>Prepares the expectations of an era.</summary>
    public ScenarioCheck(Scenario scenario, Era era)
    {
        foreach (Expectation expectation in scenario.Expectations)
        {
            if (expectation.Values.Find(era) is not { } texts) continue;
            long[] numbers = new long[texts.Length];
            for (int i = 0; i < texts.Length; i++)
                numbers[i] = long.TryParse(texts[i], NumberStyles.None, CultureInfo.InvariantCulture, out long number) ? number : -1;
            _items.Add((expectation, texts, numbers));
            _hasMemory |= expectation.Observable == Observable.Memory;
        }

        _blocks = new MemoryBlock?[_items.Count];
    }

    /// <summary>The explored part begins: notes which memory there is.</summary>
    public void Begin(ScenarioMachine machine)
    {
        if (!_hasMemory) return;
        for (int i = 0; i < _blocks.Length; i++)
            _blocks[i] = _items[i].Expectation.Observable == Observable.Memory ? FindBlock(machine, _items[i].Expectation.Name) : null;
    }

    /// <summary>Looks, and says what is not as expected.</summary>
    public void Check(ScenarioMachine machine, List<string> unmet)
    {
        _lineFrom = 0;
        for (int i = 0; i < _items.Count; i++)
        {
            Expectation expectation = _items[i].Expectation;
            switch (expectation.Observable)
            {
                case Observable.Memory:
                    CheckText(i, _blocks[i] is not { } block ? None : block.IsFreed ? "freed" : "kept", unmet);
                    break;
                case Observable.Log or Observable.NoLog:
                    CheckLog(i, machine, unmet);
                    break;
                case >= Observable.FirstStatus and <= Observable.FirstNotifyId:
                    CheckFirst(i, machine.Cores[expectation.Processor].FirstInstruction, machine, unmet);
                    break;
                case >= Observable.Status and <= Observable.Driver:
                    CheckVdevs(i, machine, unmet);
                    break;
                default:
                    CheckProcessor(i, machine, unmet);
                    break;
            }
        }
    }

    private void CheckProcessor(int item, ScenarioMachine machine, List<string> unmet)
    {
        Expectation expectation = _items[item].Expectation;
        Rproc? rproc = machine.RprocOf(expectation.Processor);
        ScriptedCore core = machine.Cores[expectation.Processor];
        switch (expectation.Observable)
        {
            case Observable.State:
                CheckText(item, rproc?.State.Word() ?? None, unmet);
                break;
            case Observable.Firmware:
                CheckText(item, rproc is null ? None : rproc.State == RprocState.Attached ? "unknown" : rproc.FirmwareName, unmet);
                break;
            case Observable.Heard:
                CheckText(item, machine.HeardBy(expectation.Processor), unmet);
                break;
            case Observable.LiveTable:
                bool? isClean = machine.IsLiveTableClean(expectation.Processor);
                CheckText(item, isClean is null ? None : isClean.Value ? "clean" : "changed", unmet);
                break;
            case Observable.Consumer:
                CheckText(item, ConsumerWord(machine), unmet);
                break;
            default:
                CheckNumber(item, expectation.Observable switch
                {
                    Observable.Power => rproc?.Power ?? 0,
                    Observable.Crashes => rproc?.CrashCount ?? 0,
                    Observable.Starts => core.Counters.Starts,
                    Observable.Channels => rproc is null ? 0 : ScenarioView.ChannelCount(machine, rproc),
                    Observable.Received => ReceivedCount(core),
                    _ => rproc?.Vdevs.Count ?? 0,
                }, unmet);
                break;
        }
    }

    private void CheckVdevs(int item, ScenarioMachine machine, List<string> unmet)
    {
        Expectation expectation = _items[item].Expectation;
        bool found = false;
        Rproc? rproc = machine.RprocOf(expectation.Processor);
        for (int i = 0; rproc is not null && i < rproc.Vdevs.Count; i++)
        {
            RprocVdev vdev = rproc.Vdevs[i];
            if (expectation.Vdev >= 0 && expectation.Vdev != vdev.Index) continue;
            found = true;
            switch (expectation.Observable)
            {
                case Observable.Status:
                    CheckNumber(item, vdev.VirtioDevice is { } device ? (long)device.Status : -1, unmet);
                    break;
                case Observable.Features:
                    CheckNumber(item, vdev.VirtioDevice is { } negotiated ? (long)negotiated.Features : -1, unmet);
                    break;
                case Observable.Driver:
                    CheckText(item, vdev.VirtioDevice?.Driver?.Name ?? None, unmet);
                    break;
                default:
                    foreach (RprocVring vring in vdev.Vrings)
                    {
                        if (expectation.Vring >= 0 && expectation.Vring != vring.Index) continue;
                        if (expectation.Observable == Observable.Da) CheckDa(item, vring.PublishedAddress, machine, unmet);
                        else CheckNotifyId(item, vring.NotifyId, unmet);
                    }

                    break;
            }
        }

        if (!found) CheckText(item, "without a vdev", unmet);
    }

    private void CheckFirst(int item, IReadOnlyList<VdevSnapshot> first, ScenarioMachine machine, List<string> unmet)
    {
        Expectation expectation = _items[item].Expectation;
        bool found = false;
        for (int i = 0; i < first.Count; i++)
        {
            VdevSnapshot vdev = first[i];
            if (expectation.Vdev >= 0 && expectation.Vdev != vdev.Index) continue;
            found = true;
            if (expectation.Observable == Observable.FirstStatus) CheckNumber(item, vdev.Status, unmet);
            else if (expectation.Observable == Observable.FirstFeatures) CheckNumber(item, vdev.DriverFeatures, unmet);
            else
            {
                if (expectation.Vring != 1) CheckFirstRing(item, vdev.Vring0, machine, unmet);
                if (expectation.Vring != 0) CheckFirstRing(item, vdev.Vring1, machine, unmet);
            }
        }

        if (!found) CheckText(item, "without a vdev", unmet);
    }

    private void CheckFirstRing(int item, in RemoteVring ring, ScenarioMachine machine, List<string> unmet)
    {
        if (_items[item].Expectation.Observable == Observable.FirstDa) CheckDa(item, ring.Address, machine, unmet);
        else CheckNotifyId(item, ring.NotifyId, unmet);
    }

    private void CheckDa(int item, DeviceAddress address, ScenarioMachine machine, List<string> unmet)
    {
        (Expectation expectation, string[] texts, long[] numbers) = _items[item];
        for (int i = 0; i < texts.Length; i++)
        {
            bool isRight = numbers[i] >= 0 ? numbers[i] == (long)address.Value
                : texts[i] == "any" ? address.IsAny
                : IsValid(address, expectation, machine);
            if (isRight) return;
        }

        unmet.Add(Say(item, address.ToString()));
    }

    private static bool IsValid(DeviceAddress address, Expectation expectation, ScenarioMachine machine) => !address.IsAny &&
        address.Value != 0 && machine.Machine.Processors[expectation.Processor].Memory.TrySlice(address, 1, out Span<byte> _);

    private void CheckNotifyId(int item, int notifyId, List<string> unmet)
    {
        if (notifyId < 0) CheckText(item, "any", unmet);
        else CheckNumber(item, notifyId, unmet);
    }

    private void CheckNumber(int item, long number, List<string> unmet)
    {
        foreach (long right in _items[item].Numbers)
        {
            if (right == number) return;
        }

        unmet.Add(Say(item, number < 0 ? None : number.ToString(CultureInfo.InvariantCulture)));
    }

    private void CheckText(int item, string text, List<string> unmet)
    {
        foreach (string right in _items[item].Texts)
        {
            if (string.Equals(right, text, StringComparison.Ordinal)) return;
        }

        unmet.Add(Say(item, text));
    }

    private void CheckLog(int item, ScenarioMachine machine, List<string> unmet)
    {
        bool isWanted = _items[item].Expectation.Observable == Observable.Log;
        IReadOnlyList<LogLine> lines = machine.Machine.Kernel.Log.Lines;
        for (int i = isWanted ? _lineFrom : 0; i < lines.Count; i++)
        {
            foreach (string text in _items[item].Texts)
            {
                if (!lines[i].Text.Contains(text, StringComparison.Ordinal)) continue;
                if (isWanted) _lineFrom = i + 1;
                else unmet.Add(Say(item, lines[i].Text));
                return;
            }
        }

        if (isWanted) unmet.Add(Say(item, "without such a line, or has it earlier"));
    }

    private string Say(int item, string found)
    {
        (Expectation expectation, string[] texts, _) = _items[item];
        bool isUnwanted = expectation.Observable == Observable.NoLog;
        return $"{expectation.Place}: {expectation} is {found}, expected {(isUnwanted ? "no " : "")}{string.Join(" or ", texts)}";
    }

    private static long ReceivedCount(ScriptedCore core)
    {
        long count = 0;
        for (int vdev = 0; vdev < 8; vdev++) count += core.GetVdevCounters(vdev).Received;
        return count;
    }

    private static string ConsumerWord(ScenarioMachine machine)
    {
        if (machine.Consumer is not { } device || WkupM3IpcDriver.ConsumerOf(device) is not { } consumer) return None;
        return consumer.State switch
        {
            WkupM3State.Unknown => "unknown",
            WkupM3State.Reset => "reset",
            WkupM3State.Initialised => "initialised",
            WkupM3State.MessageForLowPower => "message_for_low_power",
            _ => "message_for_reset",
        };
    }

    private static MemoryBlock? FindBlock(ScenarioMachine machine, string owner)
    {
        foreach (MemoryBlock block in machine.Machine.DmaBank.LiveBlocks)
        {
            if (string.Equals(block.Owner, owner, StringComparison.Ordinal)) return block;
        }

        return null;
    }
}
