using System;
using System.Collections.Generic;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Text;
using RemoteprocEmu.Platform.Tasks;

namespace RemoteprocEmu.Harness;

/// <summary>Runs synchronous code of two processors over shared words, and lets the choices decide what each load sees.</summary>
/// <remarks>
/// <para>
/// The code uses <see cref="ExploredAccess"/>. Each processor counts its steps; each word keeps every value that it has had, with the
/// step that stored it. A processor knows its neighbour's steps up to a number. Of a word it may read any value that is not older than
/// what it knows and has read. Acquiring a value that was stored with release makes the steps up to that store known. A full fence
/// makes known the steps up to the neighbour's last full fence, and those that earlier loads brought without acquiring; stores after it
/// carry the steps before it. On <see cref="MemoryModel.X86"/> every load acquires and every store releases: with two processors that
/// never race to store into a word, that is total store order, for what one sees of the other is its stores up to some one of them.
/// </para>
/// <para>
/// Reading an old value stands for a store that is late and for a load that is early, so nothing is ever moved about. The turn passes
/// where a processor wants a value, or a neighbour's fence before its own, that is not there yet; it must then take one that has come
/// since. So no two complete runs are the same, and one that cannot go on for this reason is <see cref="RunOutcome.Redundant"/>.
/// </para>
/// <para>
/// All is one thread. The second processor runs as a call out of the first, where that waits or has ended. Where the second waits in
/// turn, an exception takes it off the stack; to go on, its body starts anew and is led by what it loaded to where it was. So it must
/// put back whatever it keeps outside of shared words before anything else.
/// </para>
/// <para>
/// Plain loads do not wait for newer values. Instead, a store to a word that the neighbour may still be reading plainly is a violation:
/// that judges the order of a load before a later store, which is not simulated. So is a store to a word of which the neighbour has
/// stored a value that this processor neither has read nor knows of: which of them stays is not simulated either. An index load that
/// passes a later store cannot be seen, but an acquire never does. Nor can more than two processors, accesses that overlap in part, and
/// what a compiler reorders. Arm is stricter in two things that order nothing here: address dependencies, and a release store before an
/// acquire load.
/// </para>
/// </remarks>
public sealed class MemoryExplorer
{
    [ThreadStatic] private static MemoryExplorer? s_running;

    private readonly MemoryModel _model;
    private readonly Barrier? _dropped;
    private readonly ExploredLane _first;
    private readonly ExploredLane _second;
    private readonly Dictionary<nint, ExploredWord> _words = [];
    private readonly SortedSet<string> _staleWords = new(StringComparer.Ordinal);
    private readonly List<(ExploredLane Lane, string Act, ExploredWord? Word, uint Value, int Newer)> _story = [];
    private IChoices _choices = FirstChoice.Instance;
    private ExploredLane _moving;
    private Action? _secondBody;
    private Exception? _defect;
    private RunOutcome? _outcome;
    private int _run;

    /// <summary>Makes an explorer, for any number of runs.</summary>
    /// <param name="model">What loads and stores may do.</param>
    /// <param name="dropped">The one ordering to leave out; null for none.</param>
    /// <param name="firstName">What stories call the first processor.</param>
    /// <param name="secondName">What stories call the second processor.</param>
    public MemoryExplorer(MemoryModel model, Barrier? dropped = null, string firstName = "first", string secondName = "second")
    {
        _model = model;
        _dropped = dropped;
        _first = new ExploredLane(0, firstName);
        _second = new ExploredLane(1, secondName);
        _moving = _first;
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
    /// <param name="second">What the second processor does; it may be started several times.</param>
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
    /// <param name="second">What the second processor does; it may be started several times.</param>
    /// <exception cref="InvalidOperationException">A body failed otherwise.</exception>
    public RunOutcome Run(IChoices choices, Action first, Action second)
    {
        if (s_running is not null) throw new InvalidOperationException("An explored body explores.");
        _choices = choices;
        _run++;
        _outcome = null;
        _defect = null;
        Violation = null;
        _story.Clear();
        _staleWords.Clear();
        _first.Begin(_run);
        _second.Begin(_run);
        _secondBody = second;
        s_running = this;
        Move(_first, first); // who begins makes no difference: up to its first load nobody depends on the other
        if (_second.CanMove) Move(_second, second);
        else if (!_second.IsDone) GetStuck(_second);
        s_running = null;
        if (_defect is not null) throw new InvalidOperationException($"Failed under choices {choices}: {_defect.Message}", _defect);
        return _outcome ?? RunOutcome.Complete;
    }

    /// <summary>Wakes the neighbour, now or when it goes to sleep. What is done before is known to it then, as with a doorbell
    /// register.</summary>
    public void Notify()
    {
        ExploredLane lane = _moving;
        if (lane.TryAgain(lane.Bell, out _)) return;
        lane.Step++;
        lane.Bell.Add(new ExploredWord.Version(lane, 0, lane.Step, lane.Step));
        Tell("notifies");
        _ = lane.Done(lane.Bell);
    }

    /// <summary>Sleeps until notified; notifications since the last sleep count. Nobody left to notify is a violation.</summary>
    public void Sleep()
    {
        ExploredLane lane = _moving;
        ExploredWord bell = Other(lane).Bell;
        if (lane.TryAgain(bell, out _)) return;
        int ring = bell.Seen[lane.Index] = Choose(bell, bell.Seen[lane.Index] + 1);
        lane.Known = Math.Max(lane.Known, bell[ring].Known);
        Tell("is woken");
        _ = lane.Done(bell);
    }

    /// <summary>The explorer whose bodies are running.</summary>
    internal static MemoryExplorer Running =>
        s_running ?? throw new InvalidOperationException("ExploredAccess is used outside of a MemoryExplorer.");

    internal uint Load(Span<byte> cell, bool isOrdered)
    {
        ExploredLane lane = _moving;
        ExploredWord word = WordAt(cell);
        if (lane.TryAgain(word, out uint value)) return value;
        int oldest = word.OldestFor(lane);
        int version = isOrdered ? Choose(word, oldest) : word.Count - 1 - Answer(word.Count - oldest);
        word.Seen[lane.Index] = version;
        ExploredWord.Version read = word[version];
        bool acquires = _model == MemoryModel.X86 || (isOrdered && _dropped?.Is(BarrierKind.Acquire, word.Name, lane.Name) != true);
        int learnt = read.Writer == lane ? 0 : read.Known; // nothing is learnt from oneself
        if (acquires) lane.Known = Math.Max(lane.Known, learnt);
        else lane.Pending = Math.Max(lane.Pending, learnt);
        if (!isOrdered) word.PlainLoad[lane.Index] = ++lane.Step;
        if (!isOrdered && version < word.Count - 1) _ = _staleWords.Add(word.Name);
        Tell("loads", word, read.Value, word.Count - 1 - version);
        return lane.Done(word, read.Value);
    }

    internal void Store(Span<byte> cell, uint value, bool isOrdered)
    {
        ExploredLane lane = _moving;
        ExploredWord word = WordAt(cell);
        if (lane.TryAgain(word, out _)) return;
        Tell("stores", word, value);
        ExploredLane other = Other(lane);
        if (word.PlainLoad[other.Index] > lane.Known)
            throw new ViolationException($"{lane.Name} overwrites {word.Name}, which {other.Name} may still be reading");
        if (word.IsRaced(lane))
            throw new ViolationException($"{lane.Name} overwrites {word.Name}, which {other.Name} may just have written");

        lane.Step++;
        lane.LastStored = word.Name;
        bool releases = _model == MemoryModel.X86 || (isOrdered && _dropped?.Is(BarrierKind.Release, word.Name, lane.Name) != true);
        word.Add(new ExploredWord.Version(lane, value, lane.Step, releases ? lane.Step : lane.Fenced));
        MemoryMarshal.AsBytes(new ReadOnlySpan<uint>(ref value))[..cell.Length].CopyTo(cell);
        _ = lane.Done(word);
    }

    internal void Fence()
    {
        ExploredLane lane = _moving, other = Other(lane);
        if (lane.TryAgain(lane.Fences, out _)) return;
        if (_dropped?.Is(BarrierKind.Fence, lane.LastStored, lane.Name) != true)
        {
            if (lane.StopWaiting() == 0 && other.CanMove && Answer(2) == 1) _ = Await(other.Fences, isChoosy: true);
            lane.Known = Math.Max(lane.Known, Math.Max(lane.Pending, other.Fenced));
            lane.Fenced = lane.Step;
            lane.Fences.Add(default);
            Tell("fences");
        }
        _ = lane.Done(lane.Fences);
    }

    /// <summary>Runs a body up to its end, or to where it waits, or to the end of the run, and keeps what it throws.</summary>
    private void Move(ExploredLane lane, Action body)
    {
        if (_outcome is not null) return;
        ExploredLane caller = _moving;
        _moving = lane;
        lane.BeginAgain();
        try
        {
            body();
            lane.IsDone = true;
        }
        catch (LeaveException)
        {
        }
        catch (ViolationException violation)
        {
            Break(violation.Message);
        }
        catch (Exception defect) // whatever it is, the run reports it
        {
            _defect = defect;
            _outcome = RunOutcome.Redundant;
        }
        _moving = caller;
    }

    private ExploredLane Other(ExploredLane lane) => lane == _first ? _second : _first;

    /// <summary>Picks a version that is there, the newest first, or last of all one that comes only after the neighbour has
    /// moved.</summary>
    private int Choose(ExploredWord word, int oldest)
    {
        int news = _moving.StopWaiting();
        if (news == 0)
        {
            int present = word.Count - oldest;
            int answer = present == 0 ? 0 : Answer(present + (Other(_moving).CanMove ? 1 : 0));
            if (answer < present) return word.Count - 1 - answer;
            news = Await(word, isChoosy: present > 0);
        }
        return word.Count - 1 - Answer(news);
    }

    /// <summary>Lets the neighbour move until the word has a newer version.</summary>
    /// <returns>Versions that have come. It does not return when the run is over, nor in the second processor, which starts anew.</returns>
    private int Await(ExploredWord word, bool isChoosy)
    {
        ExploredLane lane = _moving;
        lane.WaitFor(word, isChoosy);
        if (!Other(lane).CanMove) GetStuck(lane);
        if (lane == _second) throw new LeaveException();
        Move(_second, _secondBody!);
        if (!lane.CanMove) GetStuck(lane);
        if (_outcome is not null) throw new LeaveException();
        return lane.StopWaiting();
    }

    /// <summary>Nobody can move. It is a lost wake-up unless somebody only waits for something newer than there was.</summary>
    private void GetStuck(ExploredLane lane)
    {
        if (_outcome is not null) return;
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

    private void Tell(string act, ExploredWord? word = null, uint value = 0, int newer = 0) =>
        _story.Add((_moving, act, word, value, newer));

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

    /// <summary>Takes a body off the stack: the run is over, or the second processor waits.</summary>
    private sealed class LeaveException : Exception;
}
