using System.Diagnostics;
using System.Globalization;

namespace RemoteprocEmu.Cli.Output;

/// <summary>One line on standard error that says how far a long run is; only for a person, and only after a second.</summary>
internal sealed class ProgressLine(Terminal terminal)
{
    private const int DelayMs = 1000;
    private const int IntervalMs = 250;

    private readonly Stopwatch _clock = Stopwatch.StartNew();
    private long _shownMs = DelayMs - IntervalMs;
    private int _width;

    private bool IsDue => terminal.ShowsProgress && _clock.ElapsedMilliseconds >= _shownMs + IntervalMs;

    /// <summary>Shows how far it is, if it is time to.</summary>
    public void Show(long done, long total)
    {
        if (IsDue) Show(string.Create(CultureInfo.InvariantCulture, $"{done:N0} of {total:N0} messages"));
    }

    /// <summary>Shows a line, if it is time to.</summary>
    public void Show(string text)
    {
        if (!IsDue) return;
        _shownMs = _clock.ElapsedMilliseconds;
        terminal.Error.Write($"\r{text.PadRight(_width)}");
        _width = text.Length;
    }

    /// <summary>Takes the line away.</summary>
    public void Clear()
    {
        if (_width == 0) return;
        terminal.Error.Write($"\r{new string(' ', _width)}\r");
        _width = 0;
    }
}
