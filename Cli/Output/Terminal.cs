using System;
using System.IO;
using System.Text;
using Spectre.Console;

namespace RemoteprocEmu.Cli.Output;

/// <summary>Where a command writes: results to one stream, what is said about them to another; coloured only for eyes.</summary>
internal sealed class Terminal
{
    /// <summary>Tables and help are never wider, columns.</summary>
    public const int WidthMax = 100;

    private const int WidthMin = 60;

    /// <summary>Creates a terminal.</summary>
    /// <param name="output">Results.</param>
    /// <param name="error">Errors and progress.</param>
    /// <param name="width">Columns; clamped to 60 .. 100.</param>
    /// <param name="hasColours">Whether escape sequences may be written.</param>
    /// <param name="showsProgress">Whether a person watches <paramref name="error"/>.</param>
    public Terminal(TextWriter output, TextWriter error, int width = WidthMax, bool hasColours = false, bool showsProgress = false)
    {
        Output = output;
        Error = error;
        Width = Math.Clamp(width, WidthMin, WidthMax);
        ShowsProgress = showsProgress;
        Console = AnsiConsole.Create(new AnsiConsoleSettings
        {
            Ansi = hasColours ? AnsiSupport.Yes : AnsiSupport.No,
            ColorSystem = hasColours ? ColorSystemSupport.Standard : ColorSystemSupport.NoColors,
            Interactive = InteractionSupport.No,
            Out = new AnsiConsoleOutput(output),
        });
        Console.Profile.Width = Width;
        Console.Profile.Capabilities.Unicode = false;
    }

    /// <summary>Results, as plain text.</summary>
    public TextWriter Output { get; }

    /// <summary>Errors and progress.</summary>
    public TextWriter Error { get; }

    /// <summary>Results, as tables and coloured lines.</summary>
    public IAnsiConsole Console { get; }

    /// <summary>Columns to fill.</summary>
    public int Width { get; }

    /// <summary>Whether a person watches the errors, so that progress is welcome.</summary>
    public bool ShowsProgress { get; }

    /// <summary>The process's own streams. Colours unless redirected, or NO_COLOR is set, or the terminal is dumb.</summary>
    public static Terminal OfProcess()
    {
        bool hasColours = !System.Console.IsOutputRedirected && string.IsNullOrEmpty(Environment.GetEnvironmentVariable("NO_COLOR"))
            && Environment.GetEnvironmentVariable("TERM") is not (null or "" or "dumb");
        int width = System.Console.IsOutputRedirected ? WidthMax : System.Console.WindowWidth;
        StreamWriter output = new(System.Console.OpenStandardOutput(), new UTF8Encoding(false), bufferSize: 4096) { AutoFlush = true };
        return new Terminal(output, System.Console.Error, width, hasColours, showsProgress: !System.Console.IsErrorRedirected);
    }

    /// <summary>Writes one line about what went wrong, after the command's name.</summary>
    public void Complain(string text) => Error.WriteLine($"rproc: {text}");
}
