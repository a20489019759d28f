using System;
using System.Collections.Generic;
using System.Globalization;
using System.Text;

namespace RemoteprocEmu.Benchmarks.Search;

/// <summary>Searches as a picture: classes over vdevs and over events, the number of classes on a logarithmic scale.</summary>
internal static class GrowthPlot
{
    private const int PanelWidth = 380;
    private const int PanelHeight = 260;
    private const int Left = 76;
    private const int Top = 46;
    private const int DecadeMax = 6;

    /// <summary>The picture.</summary>
    public static string Svg(IReadOnlyList<GrowthPoint> vdevs, IReadOnlyList<GrowthPoint> events)
    {
        StringBuilder svg = new();
        _ = svg.Append("<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 900 370\" font-family=\"sans-serif\" font-size=\"13\">\n");
        _ = svg.Append("<rect width=\"900\" height=\"370\" fill=\"#ffffff\"/>\n");
        Panel(svg, Left, "vdevs, the bus loaded first", vdevs);
        Panel(svg, Left + PanelWidth + 66, "events that may come at any point", events);
        return svg.Append("</svg>\n").ToString();
    }

    private static void Panel(StringBuilder svg, int x, string title, IReadOnlyList<GrowthPoint> points)
    {
        _ = svg.Append(CultureInfo.InvariantCulture, $"<text x=\"{x}\" y=\"26\" font-weight=\"bold\">Classes by {title}</text>\n");
        for (int decade = 0; decade <= DecadeMax; decade++)
        {
            double y = Y(decade);
            string label = Math.Pow(10, decade).ToString("N0", CultureInfo.InvariantCulture);
            _ = svg.Append(CultureInfo.InvariantCulture, $"<path d=\"M{x} {y:f1}h{PanelWidth}\" stroke=\"#dddddd\"/>");
            _ = svg.Append(CultureInfo.InvariantCulture,
                $"<text x=\"{x - 6}\" y=\"{y + 4:f1}\" text-anchor=\"end\" fill=\"#555555\">{label}</text>\n");
        }

        double step = (double)PanelWidth / points.Count;
        for (int i = 0; i < points.Count; i++)
        {
            GrowthPoint point = points[i];
            double y = Y(Math.Log10(Math.Max(1, point.Classes)));
            double left = x + (i * step) + (step * 0.2);
            string fill = point.IsComplete ? "#2f6f9f" : "#c9dceb";
            _ = svg.Append(CultureInfo.InvariantCulture,
                $"<rect x=\"{left:f1}\" y=\"{y:f1}\" width=\"{step * 0.6:f1}\" height=\"{Top + PanelHeight - y:f1}\" fill=\"{fill}\"/>");
            string count = string.Create(CultureInfo.InvariantCulture, $"{(point.IsComplete ? "" : "&gt; ")}{point.Classes:N0}");
            double middle = left + (step * 0.3);
            _ = svg.Append(CultureInfo.InvariantCulture, $"<text x=\"{middle:f1}\" y=\"{y - 5:f1}\" text-anchor=\"middle\">{count}</text>");
            _ = svg.Append(CultureInfo.InvariantCulture,
                $"<text x=\"{middle:f1}\" y=\"{Top + PanelHeight + 18}\" text-anchor=\"middle\" fill=\"#555555\">{point.Name}</text>\n");
        }

        _ = svg.Append(CultureInfo.InvariantCulture,
            $"<text x=\"{x}\" y=\"{Top + PanelHeight + 42}\" fill=\"#777777\" font-size=\"12\">");
        _ = svg.Append("pale: the search did not come to its end</text>\n");
    }

    private static double Y(double decade) => Top + (PanelHeight * (1 - (decade / DecadeMax)));
}
