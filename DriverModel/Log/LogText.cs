using System;
using System.Runtime.CompilerServices;
using RemoteprocEmu.DriverModel.Devices;

namespace RemoteprocEmu.DriverModel.Log;

/// <summary>The text of a log line, as an interpolated string that is put together only when somebody wants the line.</summary>
/// <remarks>
/// The compiler makes it of <c>log.Info(device, $"registered {name}")</c>. Where nobody wants it, see <see cref="KernelLog.IsWanted"/>, no
/// value is formatted, nor even computed, and nothing is allocated: what stands in the braces has no effect of its own.
/// </remarks>
[InterpolatedStringHandler]
public ref struct LogText
{
    private DefaultInterpolatedStringHandler _text;

    /// <summary>Begins a line without a device.</summary>
    /// <param name="literalLength">From the compiler.</param>
    /// <param name="formattedCount">From the compiler.</param>
    /// <param name="log">Where it goes.</param>
    /// <param name="isWanted">Whether the rest is to be appended.</param>
    public LogText(int literalLength, int formattedCount, KernelLog log, out bool isWanted)
    {
        ArgumentNullException.ThrowIfNull(log);
        IsWanted = isWanted = log.IsWanted;
        if (isWanted) _text = new DefaultInterpolatedStringHandler(literalLength, formattedCount);
    }

    /// <summary>Begins a line about a device, with its prefix.</summary>
    /// <param name="literalLength">From the compiler.</param>
    /// <param name="formattedCount">From the compiler.</param>
    /// <param name="log">Where it goes.</param>
    /// <param name="device">What it is about.</param>
    /// <param name="isWanted">Whether the rest is to be appended.</param>
    public LogText(int literalLength, int formattedCount, KernelLog log, Device device, out bool isWanted)
        : this(literalLength, formattedCount, log, out isWanted)
    {
        if (isWanted) _text.AppendLiteral(KernelLog.Prefix(device));
    }

    /// <summary>Whether there is a text.</summary>
    internal bool IsWanted { get; }

    /// <summary>Appends a piece of the text; for the compiler.</summary>
    public void AppendLiteral(string value) => _text.AppendLiteral(value);

    /// <summary>Appends a value; for the compiler.</summary>
    public void AppendFormatted<T>(T value) => _text.AppendFormatted(value);

    /// <summary>Appends a value in a format; for the compiler.</summary>
    public void AppendFormatted<T>(T value, string? format) => _text.AppendFormatted(value, format);

    /// <summary>Appends a value in a field of some width; for the compiler.</summary>
    public void AppendFormatted<T>(T value, int alignment) => _text.AppendFormatted(value, alignment);

    /// <summary>The whole text; once.</summary>
    internal string Take() => _text.ToStringAndClear();
}
