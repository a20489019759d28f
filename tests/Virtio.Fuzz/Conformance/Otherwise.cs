using System.Globalization;
using System.Runtime.CompilerServices;
using System.Text;

namespace RemoteprocEmu.Virtio.Fuzz.Conformance;

/// <summary>What a failed requirement says. It is put together only when the requirement fails: there are many, and all hold.</summary>
[InterpolatedStringHandler]
public readonly ref struct Otherwise
{
    private readonly StringBuilder? _text;

    /// <summary>Begins, or does not.</summary>
    /// <param name="literalLength">Not needed.</param>
    /// <param name="formattedCount">Not needed.</param>
    /// <param name="holds">The requirement.</param>
    /// <param name="isNeeded">Whether it failed.</param>
    public Otherwise(int literalLength, int formattedCount, bool holds, out bool isNeeded)
    {
        isNeeded = !holds;
        if (isNeeded) _text = new StringBuilder(literalLength + formattedCount);
    }

    /// <summary>Adds text.</summary>
    public void AppendLiteral(string text) => _ = _text!.Append(text);

    /// <summary>Adds a number.</summary>
    public void AppendFormatted(long number) => _ = _text!.Append(CultureInfo.InvariantCulture, $"{number}");

    /// <inheritdoc/>
    public override string ToString() => _text?.ToString() ?? "";
}
