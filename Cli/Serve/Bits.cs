using System;
using System.Globalization;

namespace RemoteprocEmu.Cli.Serve;

/// <summary>Feature bits as a person writes them.</summary>
internal static class Bits
{
    /// <summary>Reads a number, decimal or after <c>0x</c> hexadecimal.</summary>
    public static bool TryParse(string text, out ulong bits) => text.StartsWith("0x", StringComparison.OrdinalIgnoreCase)
        ? ulong.TryParse(text.AsSpan(2), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out bits)
        : ulong.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out bits);
}
