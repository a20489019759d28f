using System;
using System.Collections.Generic;
using System.Globalization;
using System.IO;
using System.Runtime.InteropServices;
using RemoteprocEmu.Board.Bench.Host;
using RemoteprocEmu.Platform.Doorbells;
using RemoteprocEmu.Platform.Memory;

namespace RemoteprocEmu.Board.Bench.Lanes;

/// <summary>What the other process does: the remote's halves of lanes, as <see cref="BenchPeer"/> says.</summary>
internal sealed class BenchChild : IDisposable
{
    private readonly TextWriter _output;
    private readonly PinnedThread _thread;
    private readonly SharedMemory _memory;
    private readonly int _spinLooks;
    private readonly long _spinNs;
    private readonly Dictionary<int, HalfRunner> _halves = [];
    private readonly Dictionary<int, EventFd> _bells = [];

    private BenchChild(IReadOnlyList<string> arguments, TextWriter output)
    {
        _output = output;
        _thread = new PinnedThread("bench remote", int.Parse(arguments[0], CultureInfo.InvariantCulture));
        _spinLooks = int.Parse(arguments[1], CultureInfo.InvariantCulture);
        _spinNs = long.Parse(arguments[2], CultureInfo.InvariantCulture);
        _memory = SharedMemory.OpenFile(arguments[3], BenchPeer.FileBytes);
        using EventFd bell = EventFd.Create(); // finds the functions of the system, which allocates once: not in a run that counts it
        bell.Ring();
        _ = bell.Wait();
    }

    /// <summary>Works until the input ends. Ctrl-C is the other's: it ends the input.</summary>
    /// <param name="arguments">Core, looks, ns, file.</param>
    /// <param name="input">Commands.</param>
    /// <param name="output">Answers.</param>
    public static void Run(IReadOnlyList<string> arguments, TextReader input, TextWriter output)
    {
        using PosixSignalRegistration interrupt = PosixSignalRegistration.Create(PosixSignal.SIGINT, context => context.Cancel = true);
        using BenchChild child = new(arguments, output);
        child.Say("ready");
        while (input.ReadLine() is { } line) child.Obey(line.Split(' '));
    }

    /// <summary>A case, as numbers between commas.</summary>
    public static string TextOf(BenchCase benchCase) => string.Join(',',
        (int)benchCase.Transport, (int)benchCase.Layout, (int)benchCase.Place, (int)benchCase.Wait, (int)benchCase.Direction,
        benchCase.Copies ? 1 : 0, benchCase.PayloadBytes, benchCase.Batch, benchCase.Ring, benchCase.Vdevs, benchCase.Endpoints);

    /// <inheritdoc/>
    public void Dispose()
    {
        // A run may be under way, whose other half has gone: the process ends with this, and its thread is a background thread.
        foreach (EventFd bell in _bells.Values) bell.Dispose();
    }

    private static BenchCase CaseOf(string text)
    {
        int[] numbers = Array.ConvertAll(text.Split(','), number => int.Parse(number, CultureInfo.InvariantCulture));
        return new BenchCase
        {
            Transport = (BenchTransport)numbers[0],
            Layout = (BenchLayout)numbers[1],
            Place = (BenchPlace)numbers[2],
            Wait = (BenchWait)numbers[3],
            Direction = (BenchDirection)numbers[4],
            Copies = numbers[5] != 0,
            PayloadBytes = numbers[6],
            Batch = numbers[7],
            Ring = numbers[8],
            Vdevs = numbers[9],
            Endpoints = numbers[10],
        };
    }

    private void Obey(string[] words)
    {
        int id = int.Parse(words[1], CultureInfo.InvariantCulture);
        switch (words[0])
        {
            case "open":
                _halves.Add(id, Open(words));
                Say("ok");
                break;
            case "close":
                _halves[id].Dispose();
                _ = _halves.Remove(id); // it is there
                Say("ok");
                break;
            default:
                RunPlan plan = new(long.Parse(words[2], CultureInfo.InvariantCulture), ulong.Parse(words[3], CultureInfo.InvariantCulture),
                    long.Parse(words[4], CultureInfo.InvariantCulture));
                _thread.Begin(() => Say(Answer(_halves[id], plan))); // and goes on to listen: the input may end meanwhile
                break;
        }
    }

    private static string Answer(HalfRunner half, RunPlan plan)
    {
        try
        {
            RunResult result = half.Run(plan);
            return string.Create(CultureInfo.InvariantCulture, $"done {result.BeginTicks} {result.EndTicks} {result.AllocatedBytes} ") +
                string.Create(CultureInfo.InvariantCulture, $"{result.CpuNs} {result.Kicks} {result.Sleeps}");
        }
        catch (BenchFailureException failure)
        {
            return failure.Message;
        }
    }

    private HalfRunner Open(string[] words)
    {
        long offset = long.Parse(words[2], CultureInfo.InvariantCulture);
        BenchCase benchCase = CaseOf(words[5]);
        HalfContext context = new()
        {
            Case = benchCase,
            IsHost = false,
            Gate = BenchPeer.GateAt(_memory, offset),
            OwnBell = Bell(words[4]),
            OtherBell = Bell(words[3]),
            SpinLooks = _spinLooks,
            SpinNs = _spinNs,
        };
        return MemoryTransport.Of(benchCase.Transport).Make(context, new LaneMemory(_memory, offset + SharedMemory.PageBytes));
    }

    private EventFd Bell(string text)
    {
        int descriptor = int.Parse(text, CultureInfo.InvariantCulture);
        if (!_bells.TryGetValue(descriptor, out EventFd? bell)) _bells.Add(descriptor, bell = new EventFd(descriptor));
        return bell;
    }

    private void Say(string text)
    {
        _output.WriteLine(text);
        _output.Flush();
    }
}
