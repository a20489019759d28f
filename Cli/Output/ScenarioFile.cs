using System;
using System.Collections.Generic;
using System.IO;
using RemoteprocEmu.Board.Scenarios;
using RemoteprocEmu.Explorer.Scenarios;

namespace RemoteprocEmu.Cli.Output;

/// <summary>A scenario as the command line names it: a path, or the name of one that comes with the command.</summary>
internal static class ScenarioFile
{
    private const long BytesMax = 1 << 20; // a scenario is a page

    /// <summary>Loads it. A file goes before a scenario of the same name.</summary>
    /// <param name="name">A path, or a scenario's name.</param>
    /// <param name="terminal">Told every mistake, a line each.</param>
    /// <param name="scenario">The scenario; null unless the result is <see cref="ExitCode.Ok"/>.</param>
    /// <returns>Ok; Usage when there is no such file or it cannot be read; BadInput when there is a mistake in it.</returns>
    public static int TryLoad(string name, Terminal terminal, out LoadedScenario? scenario)
    {
        scenario = null;
        if (!File.Exists(name) && (scenario = LoadedScenario.FindOwn(name)) is not null) return ExitCode.Ok;

        if (Directory.Exists(name)) return Fail($"{name}: is a directory, not a scenario", terminal);
        if (!File.Exists(name))
        {
            string nearest = NearestName.Find(name, ScenarioFiles.Names) is { } near ? $"; the nearest is {near}" : "";
            string what = name.StartsWith('-') ? "no such option" : $"no such file, and no scenario of that name{nearest}";
            return Fail($"{name}: {what} ('rproc scenario list' lists them)", terminal);
        }

        try
        {
            FileInfo file = new(name);
            if (file.Length > BytesMax)
            {
                terminal.Complain($"{name}: {file.Length} bytes are too many for a scenario: at most {BytesMax}");
                return ExitCode.BadInput;
            }

            string folder = Path.GetDirectoryName(file.FullName) ?? ".";
            scenario = LoadedScenario.TryLoad(File.ReadAllText(name), name, folder, out IReadOnlyList<ScenarioError> errors);
            foreach (ScenarioError error in errors) terminal.Error.WriteLine(error);
            return scenario is null ? ExitCode.BadInput : ExitCode.Ok;
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            return Fail($"{name}: {exception.Message}", terminal);
        }
    }

    private static int Fail(string text, Terminal terminal)
    {
        terminal.Complain(text);
        return ExitCode.Usage;
    }
}
