using System;
using System.IO;
using System.Text;
using RemoteprocEmu.DriverModel.Log;
using Spectre.Console;

namespace RemoteprocEmu.Cli.Output;

/// <summary>Where a command writes: results to one stream, what is said about them to another; coloured only for eyes.</summary>
internal sealed class Terminal
{
    /// <summary>Tables and help are never wider, columns.</summary>
    public const int WidthMax = 100;

    private const int WidthMin = 60;
    private const string Indent = "  ";
    private const int IndentColumns = 2;

    private readonly bool _hasColours;

    /// <summary>Creates a terminal.</summary>
    /// <param name="output">Results.</param>
    /// <param name="error">Errors and progress.</param>
    /// <param name="width">Columns; clamped to 60 .. 100.</param>
    /// <param name="hasColours">Whether escape sequences may be written.</param>
    /// <param name="showsProgress">Whether a person watches <paramref name="error"/>.</param>
    /// <param name="redraws">Whether what was written can be written over.</param>
    public Terminal(TextWriter output, TextWriter error, int width = WidthMax, bool hasColours = false, bool showsProgress = false,
        bool redraws = false)
    {
        Redraws = redraws;
        _hasColours = hasColours;
        Output = output;
        Error = error;
        Width = Math.Clamp(width, WidthMin, WidthMax);
        ShowsProgress = showsProgress;
    }

    /// <summary>Results, as plain text.</summary>
    public TextWriter Output { get; }

    /// <summary>Errors and progress.</summary>
    public TextWriter Error { get; }

    /// <summary>Columns to fill.</summary>
    public int Width { get; }

    /// <summary>Whether a person watches the errors, so that progress is welcome.</summary>
    public bool ShowsProgress { get; }

    /// <summary>Whether what was written can be written over: a screen.</summary>
    public bool Redraws { get; }

    /// <summary>The process's own streams. Colours unless redirected, or NO_COLOR is set, or the terminal is dumb.</summary>
    public static Terminal OfProcess()
    {
        bool redraws = !System.Console.IsOutputRedirected && Environment.GetEnvironmentVariable("TERM") is not (null or "" or "dumb");
        bool hasColours = redraws && string.IsNullOrEmpty(Environment.GetEnvironmentVariable("NO_COLOR"));
        int width = System.Console.IsOutputRedirected ? WidthMax : System.Console.WindowWidth;
        StreamWriter output = new(System.Console.OpenStandardOutput(), new UTF8Encoding(false), bufferSize: 4096) { AutoFlush = true };
        return new Terminal(output, System.Console.Error, width, hasColours, showsProgress: !System.Console.IsErrorRedirected, redraws);
    }

    /// <summary>Writes a heading, after an empty line.</summary>
    public void WriteTitle(string title)
    {
        Output.WriteLine();
        Output.WriteLine(_hasColours ? $"\e[1m{title}\e[0m" : title);
    }

    /// <summary>Writes text under a heading, wrapped.</summary>
    public void WriteText(string text)
    {
        foreach (string line in TextWrap.Lines(text, Width - IndentColumns)) Output.WriteLine(Indent + line);
    }

    /// <summary>Shows a picture that changes in place while something runs; its last state stays.</summary>
    /// <param name="run">What runs; given a way to show another picture.</param>
    public void Live(Action<Action<Spectre.Console.Rendering.IRenderable>> run)
    {
        IAnsiConsole console = AnsiConsole.Create(new AnsiConsoleSettings
        {
            Ansi = AnsiSupport.Yes,
            ColorSystem = _hasColours ? ColorSystemSupport.Standard : ColorSystemSupport.NoColors,
            Interactive = InteractionSupport.Yes,
            Out = new AnsiConsoleOutput(Output),
        });
        console.Profile.Width = Width;
        console.Live(Text.Empty).Overflow(VerticalOverflow.Crop).Start(context => run(context.UpdateTarget));
    }

    /// <summary>Writes a table under a heading; no line ends in blanks.</summary>
    public void WriteTable(Table table)
    {
        using StringWriter rendered = new();
        IAnsiConsole console = AnsiConsole.Create(new AnsiConsoleSettings
        {
            Ansi = _hasColours ? AnsiSupport.Yes : AnsiSupport.No,
            ColorSystem = _hasColours ? ColorSystemSupport.Standard : ColorSystemSupport.NoColors,
            Interactive = InteractionSupport.No,
            Out = new AnsiConsoleOutput(rendered),
        });
        console.Profile.Width = Width - IndentColumns;
        console.Profile.Capabilities.Unicode = false;
        console.Write(table);
        foreach (string line in rendered.ToString().TrimEnd().Split('\n')) Output.WriteLine(Indent + line.TrimEnd());
    }

    /// <summary>Writes a line of the kernel log as dmesg does: never wrapped; time, warnings and errors coloured for eyes.</summary>
    public void WriteLog(in LogLine line)
    {
        string text = line.ToString();
        if (!_hasColours)
        {
            Output.WriteLine(text);
            return;
        }

        int time = text.IndexOf(']', StringComparison.Ordinal) + 1;
        string colour = line.Level switch
        {
            LogLevel.Error => "\e[31m",
            LogLevel.Warning => "\e[33m",
            _ => "",
        };
        Output.WriteLine($"\e[90m{text[..time]}\e[0m{colour}{text[time..]}\e[0m");
    }

    /// <summary>Writes one line about what went wrong, after the command's name.</summary>
    public void Complain(string text) => Error.WriteLine($"rproc: {text}");
}
