using System.Globalization;

namespace RemoteprocEmu.DriverModel.Log;

/// <summary>How loud a line of the kernel log is. Source: include/linux/kern_levels.h.</summary>
public enum LogLevel
{
    /// <summary>KERN_ERR.</summary>
    Error = 3,
    /// <summary>KERN_WARNING.</summary>
    Warning = 4,
    /// <summary>KERN_INFO.</summary>
    Info = 6,
    /// <summary>KERN_DEBUG.</summary>
    Debug = 7,
}

/// <summary>One line of the kernel log.</summary>
/// <param name="TimeNs">When, in the scheduler's time, ns.</param>
/// <param name="Level">How loud.</param>
/// <param name="Text">The text, with the device's prefix, without time and line end.</param>
public readonly record struct LogLine(long TimeNs, LogLevel Level, string Text)
{
    /// <summary>The line as dmesg shows it: <c>[    1.234567] remoteproc remoteproc0: powering up echo</c>.</summary>
    public override string ToString() =>
        string.Create(CultureInfo.InvariantCulture, $"[{TimeNs / 1_000_000_000,5}.{TimeNs / 1_000 % 1_000_000:D6}] {Text}");
}
