using System;
using System.Globalization;
using System.Net;
using System.Text;
using System.Xml;

namespace RemoteprocEmu.Explorer.Explain.Report;

/// <summary>Makes the text of an SVG picture, element by element; all text in it is escaped.</summary>
internal sealed class SvgText
{
    /// <summary>Pixels that a character takes in the fixed-width font at 12 px.</summary>
    public const double CharWidth = 7.25;

    private readonly StringBuilder _text = new();

    /// <summary>Text for an element or an attribute; what XML has no place for becomes a question mark.</summary>
    public static string Escape(string text)
    {
        StringBuilder clean = new(text.Length);
        foreach (char c in text) _ = clean.Append(XmlConvert.IsXmlChar(c) ? c : '?');
        return WebUtility.HtmlEncode(clean.ToString()).Replace("&#39;", "&#x27;", StringComparison.Ordinal);
    }

    public static string Cut(string text, double width)
    {
        int count = Math.Max(4, (int)(width / CharWidth));
        return text.Length <= count ? text : text[..(count - 1)] + "…";
    }

    public SvgText Raw(FormattableString markup)
    {
        _ = _text.Append(markup.ToString(CultureInfo.InvariantCulture)).Append('\n');
        return this;
    }

    public SvgText Words(double x, double y, string text, string style) =>
        Raw($"""<text x="{x}" y="{y}" class="{style}">{Escape(text)}</text>""");

    public SvgText Line(double x1, double y1, double x2, double y2, string style) =>
        Raw($"""<path d="M{x1} {y1} L{x2} {y2}" class="{style}"/>""");

    public SvgText Box(double x, double y, double width, double height, double radius, string style) =>
        Raw($"""<rect x="{x}" y="{y}" width="{width}" height="{height}" rx="{radius}" class="{style}"/>""");

    public override string ToString() => _text.ToString();
}
