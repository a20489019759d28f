using System;
using System.Collections.Generic;
using System.Globalization;
using System.Linq;
using RemoteprocEmu.Explorer.Explain.Order;
using RemoteprocEmu.Explorer.Explain.Record;
using RemoteprocEmu.Explorer.Explain.Table;
using RemoteprocEmu.Platform.Trace;

namespace RemoteprocEmu.Explorer.Explain.Report;

/// <summary>A finding's run as a picture for a slide: a lifeline for each task, one for what they share, the fatal access in red.</summary>
/// <remarks>SVG 1.1 with a style sheet of its own and no other resource; all text is escaped.</remarks>
public sealed class SequenceDiagram
{
    private const int RowCountMax = 18;
    private const double Margin = 28;
    private const double LaneTop = 86;
    private const double LaneHeadHeight = 46;
    private const double RowHeight = 27;
    private const double LaneWidthMin = 210;
    private const double LaneWidthMax = 520;
    private const double SharedLaneWidth = 216;
    private const double TextIndent = 16;

    private readonly Explanation _explanation;
    private readonly Recording _run;
    private readonly Interleaving _table;
    private readonly List<DiagramLane> _lanes = [];
    private readonly Dictionary<int, double> _rowOf = []; // by event: the y of its row
    private readonly SvgText _bars = new();
    private readonly SvgText _body = new();
    private double _y = LaneTop + LaneHeadHeight + 30;

    private SequenceDiagram(Explanation explanation)
    {
        _explanation = explanation;
        _run = explanation.Run;
        _table = InterleavingBuilder.Build(_run, new CausalOrder(_run), explanation.Finding, explanation.Race, RowCountMax);
    }

    /// <summary>Draws the picture.</summary>
    /// <param name="explanation">The finding.</param>
    /// <returns>The text of an SVG document.</returns>
    public static string Draw(Explanation explanation)
    {
        ArgumentNullException.ThrowIfNull(explanation);
        return new SequenceDiagram(explanation).Draw();
    }

    private bool IsDeadlock => _explanation.Race is { Kind: RaceKind.Deadlock };

    private DiagramLane? Shared => _lanes.Find(static lane => lane.Kind == LaneKind.Memory);

    private string Draw()
    {
        MakeLanes();
        DrawRows();
        if (IsDeadlock) DrawRing();
        else DrawMissingEdge();
        double bottom = _y + 6;
        double width = Math.Max(_lanes[^1].X + _lanes[^1].Width, 560) + Margin - TextIndent;
        string[] notes = [.. Notes(width)];
        double height = bottom + 34 + (notes.Length * 19);

        SvgText svg = new();
        _ = svg.Raw($"""<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" """);
        _ = svg.Raw($"""     width="{width}" height="{height}" role="img">""");
        string what = KernelWords.Headline(_explanation.Finding, _explanation.Race);
        string headline = $"{_explanation.Scenario}, era {_explanation.Era}: {what}";
        _ = svg.Raw($"<title>{SvgText.Escape(headline)}</title>").Raw($"{DiagramStyle.Text}");
        _ = svg.Box(1, 1, width - 2, height - 2, 10, "sheet");
        _ = svg.Words(Margin, 42, headline, "title");
        string detail = _explanation.Title.Length == 0 ? _explanation.Finding.Text.Split('\n')[0] : _explanation.Title;
        _ = svg.Words(Margin, 64, detail, "detail");
        foreach (DiagramLane lane in _lanes) DrawLane(svg, lane, bottom);
        _ = svg.Raw($"{_bars}").Raw($"{_body}");
        for (int i = 0; i < notes.Length; i++) _ = svg.Words(Margin, bottom + 30 + (i * 19), notes[i], "note");
        return svg.Raw($"</svg>").ToString();
    }

    private void MakeLanes()
    {
        int[] tasks =
        [
            .. _table.Rows.Where(static row => row.Place >= 0).Select(row => _run.Events[row.Place].Task)
                .Where(static task => task != 0).Distinct(),
        ];
        double x = Margin + 10;
        foreach (int task in tasks.Where(task => _run.Task(task)!.IsHost))
        {
            _lanes.Add(new DiagramLane(LaneKind.Host, task, _run.TaskText(task), "host", x, WidthOf(task)));
            x += _lanes[^1].Width;
        }

        if (!IsDeadlock && _table.Rows.Any(row => row.Place >= 0 && IsShared(_run.Events[row.Place])))
        {
            _lanes.Add(new DiagramLane(LaneKind.Memory, 0, "table, memory", "shared", x, SharedLaneWidth));
            x += SharedLaneWidth;
        }

        foreach (int task in tasks.Where(task => !_run.Task(task)!.IsHost))
        {
            string cpu = _run.Task(task)!.Cpu;
            _lanes.Add(new DiagramLane(LaneKind.Remote, task, _run.TaskText(task), $"remote core {cpu}", x, WidthOf(task)));
            x += _lanes[^1].Width;
        }

        if (_lanes.Count == 0) _lanes.Add(new DiagramLane(LaneKind.Host, 0, "host", "", x, LaneWidthMin));
    }

    /// <summary>What the longest line of a task needs.</summary>
    private double WidthOf(int task)
    {
        int longest = _run.TaskText(task).Length + 2;
        foreach (InterleavingRow row in _table.Rows)
        {
            if (row.Place >= 0 && _run.Events[row.Place].Task == task) longest = Math.Max(longest, row.Text.Length + 3);
        }

        return Math.Clamp((longest * SvgText.CharWidth) + (2 * TextIndent) + 14, LaneWidthMin, LaneWidthMax);
    }

    private static bool IsShared(RecordedEvent at) => at.IsTouch || KernelWords.IsOfMemory(at);

    private static void DrawLane(SvgText svg, DiagramLane lane, double bottom)
    {
        double width = Math.Min(lane.Width - 20, 236);
        _ = svg.Line(lane.X, LaneTop + LaneHeadHeight, lane.X, bottom, "life");
        _ = svg.Box(lane.X - 10, LaneTop, width, LaneHeadHeight, 6, $"head {lane.Style}");
        _ = svg.Words(lane.X + 4, LaneTop + 20, SvgText.Cut(lane.Name, width - 24), "name");
        _ = svg.Words(lane.X + 4, LaneTop + 37, SvgText.Cut(lane.Detail, width - 20), $"of-{lane.Style}");
    }

    private void DrawRows()
    {
        double barTop = _y;
        DiagramLane? last = null;
        bool isEnablerDrawn = false;
        foreach (InterleavingRow row in _table.Rows)
        {
            if (row.Place < 0 && row.Text != "..." && !row.IsFatal) continue; // a task's name: it has a lane here
            DiagramLane lane = row.Place >= 0 ? LaneOf(_run.Events[row.Place].Task) : last ?? _lanes[0];
            if (lane != last && last is not null)
            {
                DrawBar(last, barTop);
                barTop = _y;
            }

            if (lane != last) barTop = _y;
            if (!isEnablerDrawn && row.Place >= 0 && _explanation.Race is { Enabler: >= 0 } race && row.Place > race.Enabler)
            {
                isEnablerDrawn = true;
                DrawEnabler(race);
                barTop = lane == last ? barTop : _y;
            }

            last = lane;
            DrawRow(row, lane);
            _y += RowHeight;
        }

        if (last is not null) DrawBar(last, barTop);
    }

    private DiagramLane LaneOf(int task) =>
        _lanes.Find(lane => lane.Task == task) ?? _lanes.Find(lane => lane.Task == FatalTask()) ?? _lanes[0];

    private int FatalTask() => _explanation.Race is { } race ? _run.Events[race.First.Place].Task : 0;

    private void DrawBar(DiagramLane lane, double top) =>
        _ = _bars.Box(lane.X - 5, top - 15, 10, Math.Max(20, _y - top - 4), 3, $"bar {lane.Style}");

    private void DrawRow(InterleavingRow row, DiagramLane lane)
    {
        double x = lane.X + TextIndent;
        if (row.Place < 0 && !row.IsFatal)
        {
            _ = _body.Words(x, _y, "⋮", "gap");
            return;
        }

        RecordedEvent at = row.Place < 0 ? default : _run.Events[row.Place];
        if (row.Place >= 0) _rowOf[row.Place] = _y;
        if (at.Trace == TraceKind.Finding || row.Text.StartsWith("BUG: ", StringComparison.Ordinal))
        {
            string text = SvgText.Cut(row.Text, lane.Width - 44);
            _ = _body.Box(x - 6, _y - 16, (text.Length * SvgText.CharWidth) + 22, 23, 11, "bug").Words(x + 5, _y, text, "bug-text");
            return;
        }

        double indent = 12 * row.Depth;
        string words = SvgText.Cut(row.Text, lane.Width - TextIndent - indent - 12);
        string style = row.IsFatal ? "code fatal-text" : at.Kind == RecordedKind.Step ? "code" : "code soft";
        if (Shared is { } shared && IsShared(at)) DrawTouch(at, row, lane, shared, x + indent + (words.Length * SvgText.CharWidth));
        _ = _body.Words(x + indent, _y, words, style);
    }

    /// <summary>An arrow between a task and what is shared: to it for a write, from it for a read.</summary>
    private void DrawTouch(RecordedEvent at, InterleavingRow row, DiagramLane lane, DiagramLane shared, double textEnd)
    {
        double y = _y - 4;
        double near = lane.X < shared.X ? textEnd + 8 : lane.X - 8;
        double far = lane.X < shared.X ? shared.X - 4 : shared.X + 4;
        bool isRead = at.Kind == RecordedKind.Read;
        string style = row.IsFatal ? "arrow fatal" : isRead ? "arrow read" : "arrow write";
        _ = isRead ? _body.Line(far, y, near, y, style) : _body.Line(near, y, far, y, style);
        _ = _body.Raw($"""<circle cx="{shared.X}" cy="{y}" r="4.5" class="{(row.IsFatal ? "dot-fatal" : "dot")}"/>""");
        string note = Note(at, row.Place);
        string memo = row.IsFatal ? "memo fatal-text" : "memo";
        if (note.Length > 0) _ = _body.Words(shared.X + 12, _y, SvgText.Cut(note, shared.Width - 40), memo);
    }

    private string Note(RecordedEvent at, int place)
    {
        RecordedEvent about = _run.MemoryEventOf(place) ?? at;
        return about.Trace switch
        {
            TraceKind.Published when about.A != 0 => string.Create(CultureInfo.InvariantCulture, $"da 0x{about.A:x}"),
            TraceKind.MemoryAllocated => string.Create(CultureInfo.InvariantCulture, $"0x{about.A:x}, {about.B} bytes"),
            TraceKind.MemoryFreed => "freed",
            _ => "",
        };
    }

    /// <summary>What let the first one go ahead: an arrow from task to task.</summary>
    private void DrawEnabler(Race race)
    {
        RecordedEvent by = _run.Events[race.Enabler];
        DiagramLane? from = _lanes.Find(lane => lane.Task == by.Task);
        DiagramLane? to = _lanes.Find(lane => lane.Task == _run.Events[race.First.Place].Task);
        if (from is null || to is null || from == to) return;
        string words = by.Kind == RecordedKind.Spawn ? "starts" : by.Kind == RecordedKind.Wake ? "wakes" : "signals";
        bool isRight = from.X < to.X;
        _ = _body.Words(from.X + TextIndent, _y, words, "edge-text");
        double start = isRight ? from.X + TextIndent + (words.Length * SvgText.CharWidth) + 8 : from.X - 6;
        _ = _body.Line(start, _y - 4, isRight ? to.X - 9 : to.X + 9, _y - 4, "arrow edge");
        _y += RowHeight;
    }

    /// <summary>The order that nothing enforces, from the second access back up to the first.</summary>
    private void DrawMissingEdge()
    {
        if (_explanation.Race is not { Kind: RaceKind.Unordered, Second: { } second, First: { } first } || Shared is not { } shared) return;
        if (!_rowOf.TryGetValue(first.Place, out double top) || !_rowOf.TryGetValue(second.Place, out double end)) return;
        double x = shared.X + 10;
        double bulge = x + 34;
        _ = _body.Raw($"""<path d="M{x} {end - 10} C{bulge} {end - 26} {bulge} {top + 22} {x - 2} {top + 4}" class="arrow missing"/>""");
        double middle = (top + end) / 2;
        string what = first.Verb.Split(' ')[0] switch { "reads" => "read", "frees" => "free", "publishes" => "publication", _ => "write" };
        string[] words = end - top < 4 * RowHeight ? ["no order"] : ["nothing orders", "this before", $"{first.Task}'s {what}"];
        double y = middle - (words.Length / 2 * 15);
        for (int i = 0; i < words.Length; i++) _ = _body.Words(bulge - 2, y + (i * 15), words[i], "missing-text");
    }

    /// <summary>Of a deadlock: who waits for whom.</summary>
    private void DrawRing()
    {
        double end = _y + (_explanation.Race!.Others.Count * (RowHeight + 6)) - 8;
        foreach (RaceAccess link in _explanation.Race.Others)
        {
            if (_rowOf.TryGetValue(link.Place, out double top) && _lanes.Find(lane => lane.Name == link.Task) is { } lane)
                _ = _bars.Box(lane.X - 5, top + 12, 10, end - top - 12, 3, "asleep");
        }

        foreach (RaceAccess link in _explanation.Race.Others)
        {
            RecordedEvent at = _run.Events[link.Place];
            DiagramLane? from = _lanes.Find(lane => lane.Task == at.Task);
            DiagramLane? to = _lanes.Find(lane => lane.Task == (int)at.B);
            if (from is null || to is null) continue;
            bool isRight = from.X < to.X;
            double textX = Math.Min(from.X, to.X) + TextIndent;
            string words = SvgText.Cut($"waits for {to.Name}", Math.Abs(from.X - to.X) - 30);
            _ = _body.Words(textX, _y - 8, words, "code fatal-text");
            _ = _body.Line(from.X + (isRight ? 7 : -7), _y, to.X + (isRight ? -9 : 9), _y, "arrow fatal");
            _y += RowHeight + 6;
        }
    }

    private IEnumerable<string> Notes(double width)
    {
        int columns = (int)((width - (2 * Margin)) / 6.9);
        string race = _explanation.Race?.Text ?? FindingText.Sentence(_explanation.Finding.Text);
        foreach (string line in FindingText.Wrap(race, columns)) yield return line;
        if (_explanation.Comparison is not { } comparison) yield break;
        foreach (string line in FindingText.Wrap(comparison.Text, columns)) yield return line;
    }
}
