using System.Collections.Generic;
using System.Globalization;
using System.Linq;
using RemoteprocEmu.Explorer.Scenarios;
using RemoteprocEmu.Remoteproc.Eras;

namespace RemoteprocEmu.Cli.Output;

/// <summary>A scenario in words.</summary>
internal static class ScenarioWords
{
    /// <summary>Writes them.</summary>
    public static void Write(Scenario scenario, Terminal terminal)
    {
        terminal.Output.WriteLine($"{scenario.Name}: {scenario.Title}");
        terminal.WriteText(scenario.Why);
        foreach (ScenarioProcessor processor in scenario.Processors)
        {
            string image = processor.Image.Length > 0 ? processor.Image : processor.Vdevs.Count > 0 ? "an image made for it" : "no image";
            terminal.WriteText($"Processor {processor.Name}: {image}, running {processor.Program}, driven by {processor.Driver}.");
        }

        terminal.WriteText($"Eras: {string.Join(", ", scenario.Eras.Select(era => era.Name))}.");
        WriteActions(terminal, "First, in order", scenario.Before);
        if (scenario.Actors.Count > 0) terminal.WriteTitle("Then, at the same time, in every order");
        foreach (ScenarioActor actor in scenario.Actors) terminal.WriteText($"{actor.Name}: {InOrder(actor.Actions)}");
        if (scenario.Events.Count > 0) terminal.WriteTitle("What may happen meanwhile, or not");
        foreach (ScenarioEvent happening in scenario.Events)
            terminal.WriteText($"{happening.Name}, {Times(happening.TimesMax)}: {InOrder(happening.Actions)}");
        if (scenario.Faults.Count > 0) terminal.WriteTitle("What may go wrong meanwhile, or not");
        foreach (ScenarioFault fault in scenario.Faults) terminal.WriteText($"{fault.Site}, {Times(fault.TimesMax)}: {fault.Errno}");
        WriteActions(terminal, "Once everything is quiet, in order", scenario.After);
        WriteExpectations(scenario, terminal);
    }

    private static void WriteActions(Terminal terminal, string title, IReadOnlyList<ScenarioAction> actions)
    {
        if (actions.Count == 0) return;
        terminal.WriteTitle(title);
        foreach (ScenarioAction action in actions) terminal.WriteText(InWords(action));
    }

    private static void WriteExpectations(Scenario scenario, Terminal terminal)
    {
        terminal.WriteTitle("Expected at the end, whatever the order was");
        foreach (Expectation expectation in scenario.Expectations) terminal.WriteText(InWords(expectation, scenario));
        terminal.WriteText("nothing is left after everything was unloaded, and no rule is broken" +
            (scenario.Findings.Count == 0 ? "" : ", but for:"));
        foreach (Era era in scenario.Eras)
        {
            string[] findings = [.. scenario.Findings.Where(finding => finding.IsFor(era)).Select(finding => finding.ToString())];
            if (findings.Length > 0) terminal.WriteText($"era {era.Name}: {string.Join("; ", findings)}");
        }
    }

    private static string InOrder(IReadOnlyList<ScenarioAction> actions) => string.Join("; ", actions.Select(InWords));

    private static string InWords(ScenarioAction action) =>
        action.Expected is { } expected ? $"{action.Text} ({(expected.ToString() == "ok" ? "succeeds" : $"returns {expected}")})"
            : action.Text;

    private static string InWords(Expectation expectation, Scenario scenario)
    {
        string processor = scenario.Processors.Count > 1 ? scenario.Processors[expectation.Processor].Name + " " : "";
        bool isOfVdev = expectation.Observable is Observable.Status or Observable.Features or Observable.Da or Observable.NotifyId
            or Observable.Driver or Observable.FirstStatus or Observable.FirstFeatures or Observable.FirstDa or Observable.FirstNotifyId;
        string each = isOfVdev && expectation.Vdev < 0 ? "each vdev's " : "";
        return $"{processor}{each}{expectation} is {InWords(expectation.Values, scenario.Eras)}";
    }

    /// <summary><c>2 in A; 1 in B, C, D</c>.</summary>
    private static string InWords(EraValues values, IReadOnlyList<Era> eras)
    {
        IGrouping<string, Era>[] groups = [.. eras.Where(era => values.Find(era) is not null).GroupBy(era =>
            string.Join(" or ", values.Find(era)!))];
        bool isOne = groups.Length == 1 && groups[0].Count() == eras.Count;
        return isOne ? groups[0].Key : string.Join("; ", groups.Select(group =>
            $"{group.Key} in {string.Join(", ", group.Select(era => era.Name))}"));
    }

    private static string Times(int timesMax) =>
        timesMax == 1 ? "at most once" : string.Create(CultureInfo.InvariantCulture, $"at most {timesMax} times");
}
