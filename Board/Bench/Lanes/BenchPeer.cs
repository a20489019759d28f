using System;
using System.Collections.Generic;
using System.Diagnostics;
using System.Globalization;
using System.IO;
using RemoteprocEmu.Board.Bench.Host;
using RemoteprocEmu.Platform.Doorbells;
using RemoteprocEmu.Platform.Memory;

namespace RemoteprocEmu.Board.Bench.Lanes;

/// <summary>The other process: this program once more, with the remote's halves, over a file that both have mapped.</summary>
/// <remarks>
/// <code>
/// says                              hears
/// open ID OFFSET BELL BELL CASE     ok
/// run ID RUN FIRST COUNT            done BEGIN END ALLOCATED CPU KICKS SLEEPS
/// close ID                          ok
/// </code>
/// Anything else that it hears is what went wrong. The file goes as soon as the other has mapped it, and the other when its input ends: so
/// nothing is left, however this process ends.
/// </remarks>
internal sealed class BenchPeer : IDisposable
{
    /// <summary>Size of the file, bytes: it is sparse.</summary>
    public const long FileBytes = 256 << 20;

    private const int BellCount = 64; // two for each lane of a group
    private const int ExitMs = 5_000;

    private readonly List<EventFd> _bells = [];
    private readonly Queue<EventFd> _freeBells = new();
    private readonly Process _process;
    private long _freeOffset;
    private int _lanes;
    private int _lastId;

    /// <summary>Starts it.</summary>
    /// <param name="command">The program, and what comes before <see cref="BenchChild"/>'s own arguments.</param>
    /// <param name="host">The machine.</param>
    public BenchPeer(IReadOnlyList<string> command, BenchHost host)
    {
        string folder = Directory.Exists("/dev/shm") ? "/dev/shm" : Path.GetTempPath(); // memory, not a disk, behind the pages
        string path = Path.Combine(folder, $"rproc-bench-{Environment.ProcessId}-{Path.GetRandomFileName()}");
        Memory = SharedMemory.OpenFile(path, FileBytes);
        try
        {
            for (int i = 0; i < BellCount; i++)
            {
                EventFd bell = EventFd.Create();
                bell.SetInherited(true);
                _bells.Add(bell);
                _freeBells.Enqueue(bell);
            }

            ProcessStartInfo info = new(command[0]) { RedirectStandardInput = true, RedirectStandardOutput = true };
            for (int i = 1; i < command.Count; i++) info.ArgumentList.Add(command[i]);
            foreach (long value in (long[])[host.Second.Core, host.SpinLooks, host.SleepNs])
                info.ArgumentList.Add(value.ToString(CultureInfo.InvariantCulture));
            info.ArgumentList.Add(path);
            _process = Process.Start(info) ?? throw new IOException($"{command[0]} does not start");
            foreach (EventFd bell in _bells) bell.SetInherited(false);
            Expect("ready");
        }
        finally
        {
            File.Delete(path);
        }
    }

    /// <summary>What both have mapped.</summary>
    public SharedMemory Memory { get; }

    /// <summary>Makes a lane whose remote's half is there.</summary>
    public Lane Create(BenchCase benchCase, BenchHost host)
    {
        if (benchCase.OfferedPerSecond > 0) throw new NotSupportedException("latencies are measured within one process");
        MemoryTransport transport = MemoryTransport.Of(benchCase.Transport);
        long offset = _lanes == 0 ? 0 : _freeOffset;
        long lengthBytes = SharedMemory.PageBytes + SharedMemory.RoundUpToPage(transport.SizeBytes(benchCase));
        Memory.Slice(offset, (int)lengthBytes).Clear();
        _freeOffset = offset + lengthBytes;
        _lanes++;
        EventFd hostBell = _freeBells.Dequeue(), remoteBell = _freeBells.Dequeue();
        HalfContext context = new()
        {
            Case = benchCase,
            IsHost = true,
            Gate = GateAt(Memory, offset),
            OwnBell = hostBell,
            OtherBell = remoteBell,
            SpinLooks = host.SpinLooks,
            SpinNs = host.SleepNs,
        };
        HalfRunner half = transport.Make(context, new LaneMemory(Memory, offset + SharedMemory.PageBytes));
        int id = ++_lastId;
        Say(string.Create(CultureInfo.InvariantCulture,
            $"open {id} {offset} {hostBell.Descriptor} {remoteBell.Descriptor} {BenchChild.TextOf(benchCase)}"));
        Expect("ok");
        return new PeerLane(this, id, context, half, host.First);
    }

    /// <summary>The gate at the beginning of a lane's piece.</summary>
    public static unsafe Gate GateAt(SharedMemory memory, long offset) => new(memory.Base + offset);

    /// <inheritdoc/>
    public void Dispose()
    {
        _process.StandardInput.Close(); // it ends with its input
        if (!_process.WaitForExit(ExitMs)) _process.Kill();
        _process.Dispose();
        foreach (EventFd bell in _bells) bell.Dispose();
        ((IDisposable)Memory).Dispose();
    }

    private void Say(string text)
    {
        _process.StandardInput.WriteLine(text);
        _process.StandardInput.Flush();
    }

    private string Hear() => _process.StandardOutput.ReadLine() ?? throw new BenchFailureException("the other process has ended");

    private void Expect(string text)
    {
        string heard = Hear();
        if (heard != text) throw new BenchFailureException($"the other process: {heard}");
    }

    private void Close(int id, EventFd hostBell, EventFd remoteBell)
    {
        Say(string.Create(CultureInfo.InvariantCulture, $"close {id}"));
        Expect("ok");
        _ = hostBell.Take();
        _ = remoteBell.Take();
        _freeBells.Enqueue(hostBell);
        _freeBells.Enqueue(remoteBell);
        _lanes--;
    }

    private sealed class PeerLane(BenchPeer peer, int id, HalfContext context, HalfRunner host, PinnedThread thread)
        : Lane(context.Case, context.Case.Copies ? 1 : 0)
    {
        private readonly RunResult _remote = new();

        protected override (RunResult Host, RunResult Remote) Run(RunPlan plan)
        {
            RunResult? own = null;
            peer.Say(string.Create(CultureInfo.InvariantCulture, $"run {id} {plan.Run} {plan.First} {plan.Count}"));
            BenchFailureException? failure = null;
            try
            {
                thread.Do(() => own = host.Run(plan));
            }
            catch (BenchFailureException exception)
            {
                failure = exception; // the other's words say more, if it has any
            }

            string[] heard = peer.Hear().Split(' ');
            if (failure is not null || heard.Length != 7 || heard[0] != "done")
                throw new BenchFailureException($"{Case}: {(heard[0] == "done" ? failure?.Message : string.Join(' ', heard))}");
            long[] numbers = Array.ConvertAll(heard[1..], text => long.Parse(text, CultureInfo.InvariantCulture));
            (_remote.BeginTicks, _remote.EndTicks, _remote.AllocatedBytes) = (numbers[0], numbers[1], numbers[2]);
            (_remote.CpuNs, _remote.Kicks, _remote.Sleeps) = (numbers[3], numbers[4], numbers[5]);
            return (own!, _remote);
        }

        public override void Dispose()
        {
            host.Dispose();
            peer.Close(id, context.OwnBell, context.OtherBell);
        }
    }
}
