using System;
using System.Collections.Generic;
using System.Globalization;
using System.Linq;
using System.Text;

namespace RemoteprocEmu.Board.Bench.Report;

/// <summary>A line of a chart.</summary>
/// <param name="Name">In the legend.</param>
/// <param name="Colour">As SVG has it.</param>
/// <param name="Points">From left to right.</param>
/// <param name="IsDashed">For what is only there to be compared with.</param>
internal sealed record SvgSeries(string Name, string Colour, IReadOnlyList<(double X, double Y)> Points, bool IsDashed = false);

/// <summary>One chart, with its axes and legend, as a piece of an SVG picture.</summary>
/// <param name="Title">Above it.</param>
/// <param name="XTitle">Below the axis.</param>
/// <param name="YTitle">Above the axis.</param>
/// <param name="Ticks">Where the x axis has its ticks, evenly spread: the points' x values.</param>
/// <param name="IsLogarithmic">Whether y has decades; otherwise it begins at 0.</param>
internal sealed record SvgPanel(string Title, string XTitle, string YTitle, IReadOnlyList<double> Ticks, bool IsLogarithmic)
{
    /// <summary>Size of the chart itself.</summary>
    public const int Width = 380, Height = 240;

    /// <summary>Room on its left, above it, and below it but for the legend.</summary>
    public const int Left = 58, Top = 62, Bottom = 48;

    private const int LegendLine = 18;

    private static readonly CultureInfo s_culture = CultureInfo.InvariantCulture;

    /// <summary>All of it, with room for a legend of so many lines.</summary>
    public static int TotalHeight(int seriesCount) => Top + Height + Bottom + (LegendLine * ((seriesCount + 1) / 2)) + 8;

    /// <summary>Draws it.</summary>
    /// <param name="svg">Added to.</param>
    /// <param name="left">Where its room begins.</param>
    /// <param name="series">The lines.</param>
    public void Draw(StringBuilder svg, int left, IReadOnlyList<SvgSeries> series)
    {
        int x0 = left + Left, y0 = Top + Height;
        double[] values = [.. series.SelectMany(line => line.Points).Select(point => point.Y).Where(y => y > 0)];
        if (values.Length == 0) return;
        (double low, double high, double[] marks) = IsLogarithmic ? Decades(values) : Linear(values);
        double Y(double value) => IsLogarithmic
            ? y0 - (Height * (Math.Log10(value) - Math.Log10(low)) / (Math.Log10(high) - Math.Log10(low)))
            : y0 - (Height * (value - low) / (high - low));
        double X(double value) => Ticks.Count == 1 ? x0 + (Width / 2.0) : x0 + 14 + ((Width - 28.0) * Position(value) / (Ticks.Count - 1));

        Text(svg, left, 22, Title, "font-weight=\"bold\"");
        Text(svg, left, 46, YTitle, "fill=\"#555555\" font-size=\"12\"");
        foreach (double mark in marks)
        {
            _ = svg.Append(s_culture, $"<path d=\"M{x0} {Y(mark):f1}h{Width}\" stroke=\"#dddddd\"/>");
            Text(svg, x0 - 6, Y(mark) + 4, Short(mark), "text-anchor=\"end\" fill=\"#555555\"");
        }

        foreach (double tick in Ticks) Text(svg, X(tick), y0 + 18, Short(tick), "text-anchor=\"middle\" fill=\"#555555\"");
        Text(svg, x0 + (Width / 2.0), y0 + 38, XTitle, "text-anchor=\"middle\" fill=\"#555555\" font-size=\"12\"");
        for (int i = 0; i < series.Count; i++)
        {
            SvgSeries line = series[i];
            string dash = line.IsDashed ? " stroke-dasharray=\"5 4\"" : "";
            string path = string.Join('L', line.Points.Where(point => point.Y > 0)
                .Select(point => string.Create(s_culture, $"{X(point.X):f1} {Y(point.Y):f1}")));
            _ = svg.Append(s_culture, $"<path d=\"M{path}\" fill=\"none\" stroke=\"{line.Colour}\" stroke-width=\"2\"{dash}/>\n");
            foreach ((double x, double y) in line.Points.Where(point => point.Y > 0))
                _ = svg.Append(s_culture, $"<circle cx=\"{X(x):f1}\" cy=\"{Y(y):f1}\" r=\"3\" fill=\"{line.Colour}\"/>");
            int legendX = x0 + (i % 2 * Width / 2), legendY = y0 + Bottom + 12 + (LegendLine * (i / 2));
            _ = svg.Append(s_culture, $"<path d=\"M{legendX} {legendY - 4}h22\" stroke=\"{line.Colour}\" stroke-width=\"2\"{dash}/>");
            Text(svg, legendX + 28, legendY, line.Name, "font-size=\"12\"");
        }
    }

    /// <summary>Begins a picture.</summary>
    public static StringBuilder Begin(int width, int height)
    {
        StringBuilder svg = new();
        _ = svg.Append(s_culture, $"<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {width} {height}\" ");
        _ = svg.Append("font-family=\"sans-serif\" font-size=\"13\">\n");
        return svg.Append(s_culture, $"<rect width=\"{width}\" height=\"{height}\" fill=\"#ffffff\"/>\n");
    }

    private double Position(double value)
    {
        int after = 0;
        while (after < Ticks.Count - 1 && Ticks[after] < value) after++;
        if (after == 0 || Ticks[after] == value) return after;
        return after - ((Ticks[after] - value) / (Ticks[after] - Ticks[after - 1]));
    }

    private static (double Low, double High, double[] Marks) Decades(double[] values)
    {
        int first = (int)Math.Floor(Math.Log10(values.Min())), last = (int)Math.Ceiling(Math.Log10(values.Max()));
        if (last == first) last++;
        double[] marks = [.. Enumerable.Range(first, last - first + 1).Select(decade => Math.Pow(10, decade))];
        return (marks[0], marks[^1], marks);
    }

    private static (double Low, double High, double[] Marks) Linear(double[] values)
    {
        double step = Math.Pow(10, Math.Floor(Math.Log10(values.Max())));
        while (values.Max() / step < 4) step /= 2;
        int count = (int)Math.Ceiling(values.Max() / step);
        return (0, count * step, [.. Enumerable.Range(0, count + 1).Select(mark => mark * step)]);
    }

    private static void Text(StringBuilder svg, double x, double y, string text, string attributes) =>
        _ = svg.Append(s_culture, $"<text x=\"{x:f1}\" y=\"{y:f1}\" {attributes}>{System.Security.SecurityElement.Escape(text)}</text>\n");

    private static string Short(double value) => value switch
    {
        >= 1e6 => (value / 1e6).ToString("0.##", s_culture) + " M",
        >= 1e4 => (value / 1e3).ToString("0.##", s_culture) + " k",
        _ => value.ToString("0.###", s_culture),
    };
}
