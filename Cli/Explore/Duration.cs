using System;
using System.Globalization;

namespace RemoteprocEmu.Cli.Explore;

/// <summary>A time as a person types and reads it: <c>500ms</c>, <c>60s</c>, <c>10m</c>, <c>2h</c>.</summary>
internal static class Duration
{
    private static readonly (string Unit, double Seconds)[] s_units = [("ms", 0.001), ("s", 1), ("m", 60), ("h", 3600), ("", 1)];

    /// <summary>Reads one; a number alone is seconds.</summary>
    /// <returns>False unless it is a time above 0, and below ten years.</returns>
    public static bool TryParse(string text, out TimeSpan duration)
    {
        duration = default;
        foreach ((string unit, double seconds) in s_units)
        {
            if (!text.EndsWith(unit, StringComparison.Ordinal)) continue;
            bool isNumber = double.TryParse(text.AsSpan(0, text.Length - unit.Length), NumberStyles.AllowDecimalPoint,
                CultureInfo.InvariantCulture, out double number);
            if (!isNumber || number * seconds is <= 0 or > 3e8) return false;
            duration = TimeSpan.FromSeconds(number * seconds);
            return true;
        }

        return false;
    }

    /// <summary>Writes one: <c>0.83 s</c>, <c>12 s</c>, <c>3 m 20 s</c>.</summary>
    public static string ToText(TimeSpan duration)
    {
        CultureInfo culture = CultureInfo.InvariantCulture;
        double seconds = duration.TotalSeconds;
        if (seconds < 10) return string.Create(culture, $"{seconds:0.##} s");
        if (seconds < 100) return string.Create(culture, $"{seconds:0} s");
        return duration.TotalMinutes < 100 ? string.Create(culture, $"{(int)duration.TotalMinutes} m {duration.Seconds} s")
            : string.Create(culture, $"{(int)duration.TotalHours} h {duration.Minutes} m");
    }
}
