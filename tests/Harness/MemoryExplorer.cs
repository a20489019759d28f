using System;
using System.Collections.Generic;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Text;
using System.Threading;
using RemoteprocEmu.Platform.Tasks;

namespace RemoteprocEmu.Harness;

/// <summary>Runs synchronous code of two processors over shared words, and lets the choices decide what each load sees.</summary>
/// <remarks>
/// <para>
/// The code uses <see cref="ExploredAccess"/>. Each processor counts its steps; each word keeps every value that it has had, with the
/// step that stored it. A processor knows its neighbour's steps up to a number. Of a word it may read any value that is not older than
/// what it knows and has read. Acquiring a value that was stored with release makes the steps up to that store known. A full fence
/// makes known the steps up to the neighbour's last full fence, and those that earlier loads brought without acquiring; stores after it
/// carry the steps before it. On <see cref="MemoryModel.X86"/> every load acquires and every store releases: with two processors, and
/// one writer to a word, that is total store order, for what one sees of the other is its stores up to some one of them.
/// </para>
/// <para>
/// Reading an old value stands for a store that is late and for a load that is early, so nothing is ever moved about. The turn passes
/// where a processor wants a value, or a neighbour's fence before its own, that is not there yet; it must then take one that has come
/// since. So no two complete runs are the same, and one that cannot go on for this reason is <see cref="RunOutcome.Redundant"/>.
/// </para>
/// <para>
/// Plain loads do not wait for newer values. Instead, a plain store to a word that the neighbour may still be reading is a violation:
/// that judges the order of a load before a later store, which is not simulated. An index load that passes a later store cannot be seen,
/// but an acquire never does. Nor can more than two processors, words with two writers, accesses that overlap in part, and what a
/// compiler reorders. Arm is stricter in two things that order nothing here: address dependencies, and a release store before an
/// acquire load.
/// </para>
/// </remarks>
public sealed class MemoryExplorer : IDisposable
{
    private readonly MemoryModel _model;
    private readonly Barrier? _dropped;
    private readonly ExploredLane[] _lanes;
    private readonly SemaphoreSlim _finished = new(0);
    private readonly Dictionary<nint, ExploredWord> _words = [];
    private readonly SortedSet<string> _staleWords = new(StringComparer.Ordinal);
    private readonly List<(ExploredLane Lane, string Act, ExploredWord? Word, uint Value, int Newer)> _story = [];
    private IChoices _choices = FirstChoice.Instance;
    private Exception? _defect;
    private RunOutcome? _outcome;
    private int _run;

    /// <summary>Makes an explorer; its two processors serve all runs.</summary>
    /// <param name="model">What loads and stores may do.</param>
    /// <param name="dropped">The one ordering to leave out; null for none.</param>
    /// <param name="firstName">What stories call the first processor.</param>
    /// <param name="secondName">What stories call the second processor.</param>
    public MemoryExplorer(MemoryModel model, Barrier? dropped = null, string firstName = "first", string secondName = "second")
    {
        _model = model;
        _dropped = dropped;
        _lanes = [new ExploredLane(this, firstName, hasThread: false), new ExploredLane(this, secondName, hasThread: true)];
    }

    /// <summary>What the last run broke, and how it came to it; null unless it did.</summary>
    public string? Violation { get; private set; }

    /// <summary>Names of the words of which a plain load in the last run saw an old value.</summary>
    public IReadOnlySet<string> StaleWords => _staleWords;

    /// <summary>Gives the word that starts where the bytes start a name for stories and barriers.</summary>
    public void Name(Span<byte> word, string name) => _words[AddressOf(word)] = new ExploredWord(name);

    /// <summary>Runs all executions, up to the first that breaks a rule.</summary>
    /// <param name="prepare">Puts everything back to how each run begins.</param>
    /// <param name="first">What the first processor does.</param>
    /// <param name="second">What the second processor does.</param>
    /// <param name="goesOn">Looks at a violation and says whether to search for another one; null: it is enough.</param>
    public Exploration Explore(Action prepare, Action first, Action second, Func<bool>? goesOn = null)
    {
        ExhaustiveChoices choices = new();
        int executions = 0, redundant = 0;
        while (choices.MoveNext())
        {
            prepare();
            if (Run(choices, first, second) == RunOutcome.Redundant) redundant++;
            else executions++;
            if (Violation is not null && goesOn?.Invoke() != true) break;
        }

        return new Exploration(executions, redundant, Violation, choices.ToString());
    }

    /// <summary>Runs both processors once.</summary>
    /// <param name="choices">Decides what each load sees and who moves, wherever there is an alternative; 0 is the newest value.</param>
    /// <param name="first">What the first processor does. A <see cref="ViolationException"/> is what it may find.</param>
    /// <param name="second">What the second processor does.</param>
    /// <exception cref="InvalidOperationException">A body failed otherwise.</exception>
    public RunOutcome Run(IChoices choices, Action first, Action second)
    {
        _choices = choices;
        _run++;
        _outcome = null;
        _defect = null;
        Violation = null;
        _story.Clear();
        _staleWords.Clear();
        _lanes[0].Prepare(_run, first);
        _lanes[1].Prepare(_run, second);
        _lanes[0].RunHere(); // who begins makes no difference: up to its first load nobody depends on the other
        _finished.Wait();
        if (_defect is not null) throw new InvalidOperationException($"Failed under choices {choices}: {_defect.Message}", _defect);
        return _outcome ?? RunOutcome.Complete;
    }

    /// <summary>Wakes the neighbour, now or when it goes to sleep. What is done before is known to it then, as with a doorbell
    /// register.</summary>
    public void Notify()
    {
        ExploredLane lane = ExploredLane.Current;
        lane.Step++;
        lane.Bell.Add(lane, new ExploredWord.Version(0, lane.Step, lane.Step));
        Tell(lane, "notifies");
    }

    /// <summary>Sleeps until notified; notifications since the last sleep count. Nobody left to notify is a violation.</summary>
    public void Sleep()
    {
        ExploredLane lane = ExploredLane.Current;
        Tell(lane, "goes to sleep");
        ExploredWord bell = Other(lane).Bell;
        bell.Seen = Choose(lane, bell, bell.Seen + 1);
        lane.Known = Math.Max(lane.Known, bell[bell.Seen].Known);
        Tell(lane, "wakes up");
    }

    /// <summary>Ends the processors.</summary>
    public void Dispose()
    {
        foreach (ExploredLane lane in _lanes) lane.End();
        _finished.Dispose();
    }

    internal uint Load(Span<byte> cell, bool isOrdered)
    {
        ExploredLane lane = ExploredLane.Current;
        ExploredWord word = WordAt(cell);
        if (word.Writer == lane) return word[^1].Value;

        int oldest = word.OldestFor(lane.Known);
        int version = isOrdered ? Choose(lane, word, oldest) : word.Count - 1 - Answer(word.Count - oldest);
        word.Seen = version;
        ExploredWord.Version read = word[version];
        bool acquires = _model == MemoryModel.X86 || (isOrdered && _dropped?.Is(BarrierKind.Acquire, word.Name) != true);
        if (acquires) lane.Known = Math.Max(lane.Known, read.Known);
        else lane.Pending = Math.Max(lane.Pending, read.Known);
        if (!isOrdered) word.PlainLoad = (lane, ++lane.Step);
        if (!isOrdered && version < word.Count - 1) _ = _staleWords.Add(word.Name);
        Tell(lane, "loads", word, read.Value, word.Count - 1 - version);
        return read.Value;
    }

    internal void Store(Span<byte> cell, uint value, bool isOrdered)
    {
        ExploredLane lane = ExploredLane.Current;
        ExploredWord word = WordAt(cell);
        Tell(lane, "stores", word, value);
        (ExploredLane? reader, int readerStep) = word.PlainLoad;
        if (!isOrdered && reader is not null && reader != lane && readerStep > lane.Known)
            throw new ViolationException($"{lane.Name} overwrites {word.Name}, which {reader.Name} may still be reading");

        lane.Step++;
        lane.LastStored = word.Name;
        bool releases = _model == MemoryModel.X86 || (isOrdered && _dropped?.Is(BarrierKind.Release, word.Name) != true);
        word.Add(lane, new ExploredWord.Version(value, lane.Step, releases ? lane.Step : lane.Fenced));
        MemoryMarshal.AsBytes(new ReadOnlySpan<uint>(ref value))[..cell.Length].CopyTo(cell);
    }

    internal void Fence()
    {
        ExploredLane lane = ExploredLane.Current;
        if (_dropped?.Is(BarrierKind.Fence, lane.LastStored) == true) return;

        ExploredLane other = Other(lane);
        if (other.CanMove && Answer(2) == 1) Await(lane, other.Fences, isChoosy: true);
        lane.Known = Math.Max(lane.Known, Math.Max(lane.Pending, other.Fenced));
        lane.Fenced = lane.Step;
        lane.Fences.Add(lane, default);
        Tell(lane, "fences");
    }

    /// <summary>Runs a body, unless the run is over, and keeps what it throws.</summary>
    internal void Guard(Action body)
    {
        if (_outcome is not null) return;
        try
        {
            body();
        }
        catch (RunIsOverException)
        {
        }
        catch (ViolationException violation)
        {
            Break(violation.Message);
        }
        catch (Exception defect) // whatever it is, the run reports it
        {
            _defect ??= defect;
            _outcome ??= RunOutcome.Redundant;
        }
    }

    /// <summary>A lane has come to its end: the other one's turn, or the run is finished.</summary>
    internal void MoveOnFrom(ExploredLane lane)
    {
        ExploredLane other = Other(lane);
        if (other.IsDone)
        {
            _ = _finished.Release();
            return;
        }
        if (!other.CanMove && _outcome is null) GetStuck(other);
        other.GiveTurn();
    }

    private ExploredLane Other(ExploredLane lane) => lane == _lanes[0] ? _lanes[1] : _lanes[0];

    /// <summary>Picks a version that is there, the newest first, or last of all one that comes only after the neighbour has
    /// moved.</summary>
    private int Choose(ExploredLane lane, ExploredWord word, int oldest)
    {
        int present = word.Count - oldest;
        int answer = present == 0 ? 0 : Answer(present + (Other(lane).CanMove ? 1 : 0));
        if (answer < present) return word.Count - 1 - answer;

        int before = word.Count;
        Await(lane, word, isChoosy: present > 0);
        return word.Count - 1 - Answer(word.Count - before);
    }

    private void Await(ExploredLane lane, ExploredWord word, bool isChoosy)
    {
        ExploredLane other = Other(lane);
        lane.Awaits(word, isChoosy);
        if (other.CanMove)
        {
            other.GiveTurn();
            lane.AwaitTurn();
        }
        else
        {
            GetStuck(lane);
        }
        if (_outcome is not null) throw new RunIsOverException();
        lane.Awaits(null, false);
    }

    /// <summary>Nobody can move. It is a lost wake-up unless somebody only waits for something newer than there was.</summary>
    private void GetStuck(ExploredLane lane)
    {
        ExploredLane other = Other(lane);
        if (lane.IsChoosy || (!other.IsDone && other.IsChoosy)) _outcome = RunOutcome.Redundant;
        else Break(other.IsDone ? $"{lane.Name} sleeps for ever" : "both sleep for ever");
    }

    private void Break(string what)
    {
        if (_outcome is not null) return;
        _outcome = RunOutcome.Violation;
        StringBuilder text = new(what);
        foreach ((ExploredLane lane, string act, ExploredWord? word, uint value, int newer) in _story)
        {
            _ = text.Append("\n  ").Append(lane.Name).Append(' ').Append(act);
            if (word is not null) _ = text.Append(' ').Append(word.Name).Append(" = 0x").Append(value.ToString("x", null));
            if (newer > 0) _ = text.Append($" (newer: {newer})");
        }
        Violation = text.ToString();
    }

    private void Tell(ExploredLane lane, string act, ExploredWord? word = null, uint value = 0, int newer = 0) =>
        _story.Add((lane, act, word, value, newer));

    private int Answer(int bound) => bound == 1 ? 0 : _choices.Pick(bound);

    private ExploredWord WordAt(Span<byte> cell)
    {
        nint address = AddressOf(cell);
        if (!_words.TryGetValue(address, out ExploredWord? word)) _words.Add(address, word = new ExploredWord($"word at {address:x}"));
        if (word.Run == _run) return word;
        uint initial = 0;
        cell.CopyTo(MemoryMarshal.AsBytes(new Span<uint>(ref initial)));
        word.Begin(_run, initial);
        return word;
    }

    // SAFETY: only the number of the address is looked at. Explored memory is unmanaged and does not move.
    private static unsafe nint AddressOf(Span<byte> bytes) => (nint)Unsafe.AsPointer(ref MemoryMarshal.GetReference(bytes));

    private sealed class RunIsOverException : Exception;
}
