using System.Collections.Generic;
using System.Globalization;
using System.Text;

namespace RemoteprocEmu.Benchmarks.Search;

/// <summary>Searches as a table.</summary>
internal static class GrowthTable
{
    /// <summary>Markdown.</summary>
    public static string Text(string what, IReadOnlyList<GrowthPoint> points)
    {
        StringBuilder text = new();
        CultureInfo culture = CultureInfo.InvariantCulture;
        _ = text.Append(culture, $"| {what} | classes | more runs | steps each | time | schedules/s, one core |\n");
        _ = text.Append("|---|---|---|---|---|---|\n");
        foreach (GrowthPoint point in points)
        {
            string classes = string.Create(culture, $"{(point.IsComplete ? "" : "> ")}{point.Classes:N0}");
            _ = text.Append(culture,
                $"| {point.Name} | {classes} | {point.Redundant:N0} | {point.Steps:N0} | {point.Seconds:N2} s | {point.Rate:N0} |\n");
        }

        return text.ToString();
    }
}
