using System.Collections.Generic;
using System.Globalization;
using System.Linq;
using RemoteprocEmu.Board;
using RemoteprocEmu.Board.Scenarios;
using RemoteprocEmu.Cli.Race;
using RemoteprocEmu.Explorer.Explain;
using RemoteprocEmu.Remoteproc.Eras;
using Spectre.Console;

namespace RemoteprocEmu.Cli.Output;

/// <summary>The race, for people: the eras side by side, and the shortest story of each that loses.</summary>
internal static class RaceReportText
{
    private static readonly CultureInfo s_culture = CultureInfo.InvariantCulture;

    /// <summary>Writes everything.</summary>
    public static void Write(int vdevCount, IReadOnlyList<RaceRow> rows, Explanation? together, Terminal terminal)
    {
        string image = RaceScenario.ImageOf(vdevCount);
        string what = image.Length > 0 ? SampleImages.Find(image)!.FileName : "an image made for it";
        string driver = RaceScenario.DriverOf(vdevCount);
        terminal.Output.WriteLine($"The multi-vdev race of 2016: {vdevCount} vdevs in {what}, one processor.");
        terminal.Output.WriteLine("The firmware reads the addresses of its rings at its first instruction.");
        WriteTable($"{driver} is loaded first, then the processor's driver", [.. rows.Where(row => row.Loading == RaceLoading.First)],
            terminal);
        WriteTable($"{driver} is loaded later", [.. rows.Where(row => row.Loading == RaceLoading.Later)], terminal);
        terminal.Output.WriteLine();
        terminal.Output.WriteLine("  valid: in every order of events. unset: 0xffffffff in every order.");
        terminal.Output.WriteLine("  RACE: the one or the other, as it comes.");
        terminal.Output.WriteLine("  classes: orders that differ in more than the order of independent steps;");
        terminal.Output.WriteLine("  each was run, there are no others, and so many of them are bad.");
        terminal.Output.WriteLine("  D waits: firmware that takes no ring before DRIVER_OK.");
        RaceRow a = rows.Single(row => row.Era == Era.A && row.Loading == RaceLoading.First);
        WriteStory(a.Explanation, "Era A: the first vdev's probe boots the processor, the others' rings come late", terminal);
        WriteStory(together, "Era B: the processor boots by itself, and no vdev has its rings yet", terminal);
        terminal.WriteTitle("To see one again, with its log and what the fix does to it");
        terminal.Output.WriteLine();
        foreach (Explanation explanation in rows.Select(row => row.Explanation).Append(together).OfType<Explanation>())
            terminal.Output.WriteLine($"  rproc replay {explanation.Token}");
        terminal.Output.WriteLine();
        foreach (string line in TextWrap.Lines(LastLine(rows), 79)) terminal.Output.WriteLine(line);
    }

    /// <summary>What a look came to, as text and JSON have it.</summary>
    public static string Word(FirstLook look) => look switch
    {
        FirstLook.Published => "valid",
        FirstLook.Unset => "unset",
        FirstLook.None => "not read",
        _ => "RACE",
    };

    private static void WriteTable(string title, RaceRow[] rows, Terminal terminal)
    {
        terminal.WriteTitle(title);
        Table table = new() { Border = TableBorder.None, ShowHeaders = true };
        foreach (string column in (string[])["era", "Linux", "at its first instruction", "classes", "bad", ""])
        {
            TableColumn tableColumn = new(new Text(column, new Style(decoration: Decoration.Dim)))
            {
                Padding = new Padding(0, 0, 2, 0),
                NoWrap = true,
            };
            _ = column is "classes" or "bad" ? tableColumn.RightAligned() : tableColumn.LeftAligned();
            _ = table.AddColumn(tableColumn);
        }

        foreach (RaceRow row in rows)
        {
            bool isBad = row.Total.BadCount > 0;
            string verdict = isBad ? "loses rings" : row.IsComplete ? "clean" : "not finished";
            Color colour = isBad ? Color.Red : row.IsComplete ? Color.Green : Color.Yellow;
            _ = table.AddRow(new Text(row.Waits ? $"{row.Era.Name} waits" : row.Era.Name), new Text(Kernels(row.Era)), new Text(Seen(row)),
                new Text(N(row.Total.RunCount)), new Text(N(row.Total.BadCount)), new Text(verdict, new Style(colour)));
        }

        terminal.WriteTable(table);
    }

    private static void WriteStory(Explanation? explanation, string title, Terminal terminal)
    {
        if (explanation is null) return;
        terminal.WriteTitle(title);
        terminal.Output.WriteLine();
        foreach (string line in explanation.Table.ToText().TrimEnd('\n').Split('\n')) terminal.Output.WriteLine(line.Length == 0 ? ""
            : "  " + line);
        terminal.Output.WriteLine();
        Say(explanation.Finding.Text + ".", terminal);
        if (explanation.Comparison is { } comparison) Say(comparison.Text, terminal);
    }

    private static void Say(string text, Terminal terminal)
    {
        foreach (string line in TextWrap.Lines(text, 75)) terminal.Output.WriteLine("  " + line);
    }

    private static string LastLine(IReadOnlyList<RaceRow> rows)
    {
        string verdict = rows.All(row => row.IsAsExpected) ? "ok" : rows.All(row => row.IsComplete) ? "finding" : "interrupted";
        string[] losing = [.. rows.Where(row => row.Total.BadCount > 0).Select(row => row.Era.Name).Distinct().Order()];
        RaceRow[] clean = [.. rows.GroupBy(row => (row.Era, row.Waits))
            .Where(group => group.All(row => row.IsComplete && row.Total.BadCount == 0)).SelectMany(group => group)];
        string[] names = [.. clean.Select(row => row.Waits ? $"{row.Era.Name} with firmware that waits" : row.Era.Name).Distinct()];
        return $"{verdict}: eras {List(losing)} lose rings; {List(names)} lose none in any of " +
            $"{N(clean.Sum(row => row.Total.RunCount))} classes of schedules, which are all there are";
    }

    private static string Kernels(Era era) =>
        era == Era.A ? "up to v4.8" : era == Era.B ? "v4.9" : era == Era.C ? "v4.10-v4.19" : era == Era.D ? "v4.20-today" : "our own";

    /// <summary><c>vdev0 valid, vdev1-7 RACE</c>.</summary>
    private static string Seen(RaceRow row)
    {
        List<string> parts = [];
        for (int from = 0, to; from < row.Seen.Count; from = to)
        {
            to = from + 1;
            while (to < row.Seen.Count && row.Seen[to] == row.Seen[from]) to++;
            string who = to - from == 1 ? $"vdev{from}" : $"vdev{from}-{to - 1}";
            parts.Add($"{who} {Word(row.Seen[from])}");
        }

        return string.Join(", ", parts);
    }

    private static string List(string[] names) => names.Length < 2 ? string.Concat(names)
        : $"{string.Join(", ", names[..^1])} and {names[^1]}";

    private static string N(long value) => value.ToString("N0", s_culture);
}
