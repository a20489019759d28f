using System;
using System.Buffers.Binary;
using System.Buffers.Text;
using System.Collections.Generic;
using System.Text;

namespace RemoteprocEmu.Explorer.Explain.Replay;

/// <summary>A run in one line: which scenario, in which era, made by what, and every answer of its schedule.</summary>
/// <remarks>
/// <code>
/// rproc1~RP-06~A~MC4xLjA...      form, scenario, era, body; only letters, digits and - . _ ~ %, so it goes through mail and addresses
/// body, in base64url:            fingerprint 8, trace hash 8 (both little-endian), version (length 1, UTF-8), picks, CRC-32 4
/// </code>
/// The picks are as in <see cref="PickCode"/>. The checksum is over the text before the body, then the body before it. A mail program's
/// line breaks, spaces and quote marks do not matter.
/// </remarks>
public sealed record ReplayToken
{
    private const string Family = "rproc";
    private const string Form = Family + "1";
    private const int ChecksumBytes = 4;
    private const int FixedBytes = 16;
    private const int VersionBytesMax = 255;

    /// <summary>Makes a token.</summary>
    /// <param name="productVersion">Who makes it: <c>0.1.0</c>. At most 255 bytes.</param>
    /// <param name="scenario">The scenario's name, not empty.</param>
    /// <param name="era">The era's name, not empty.</param>
    /// <param name="fingerprint">A hash of scenario text, image and options: what else decides what a run is.</param>
    /// <param name="traceHash">The run's <see cref="Platform.Trace.TraceHash.Value"/>.</param>
    /// <param name="picks">The run's schedule; see <see cref="Search.Schedule.Picks"/>.</param>
    public ReplayToken(string productVersion, string scenario, string era, ulong fingerprint, ulong traceHash, IReadOnlyList<int> picks)
    {
        ArgumentException.ThrowIfNullOrEmpty(productVersion);
        ArgumentException.ThrowIfNullOrEmpty(scenario);
        ArgumentException.ThrowIfNullOrEmpty(era);
        ArgumentNullException.ThrowIfNull(picks);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(Encoding.UTF8.GetByteCount(productVersion), VersionBytesMax, nameof(productVersion));
        ArgumentOutOfRangeException.ThrowIfGreaterThan(picks.Count, PickCode.CountMax, nameof(picks));
        foreach (int pick in picks)
        {
            ArgumentOutOfRangeException.ThrowIfNegative(pick, nameof(picks));
            ArgumentOutOfRangeException.ThrowIfGreaterThan(pick, PickCode.PickMax, nameof(picks));
        }

        (ProductVersion, Scenario, Era, Fingerprint, TraceHash, Picks) = (productVersion, scenario, era, fingerprint, traceHash, picks);
    }

    /// <summary>The product version that made it.</summary>
    public string ProductVersion { get; }

    /// <summary>The scenario's name.</summary>
    public string Scenario { get; }

    /// <summary>The era's name.</summary>
    public string Era { get; }

    /// <summary>Hash of scenario text, image and options.</summary>
    public ulong Fingerprint { get; }

    /// <summary>What the replay's trace must hash to.</summary>
    public ulong TraceHash { get; }

    /// <summary>The schedule.</summary>
    public IReadOnlyList<int> Picks { get; }

    /// <summary>Reads a token.</summary>
    /// <param name="text">The line, or what a mail program has made of it.</param>
    /// <param name="token">The token; null unless it returns true.</param>
    /// <param name="error">Why not; null when it returns true.</param>
    public static bool TryParse(string text, out ReplayToken? token, out ReplayTokenError? error)
    {
        ArgumentNullException.ThrowIfNull(text);
        token = null;
        string line = WithoutMailMarks(text);
        string[] parts = line.Split('~');
        error = CheckForm(parts);
        if (error is not null) return false;

        string head = line[..(line.LastIndexOf('~') + 1)];
        byte[]? body = Decode(parts[3]);
        if (body is null || body.Length < FixedBytes + 1 + ChecksumBytes || !IsChecked(head, body))
        {
            error = Damaged("its checksum is not that of its text");
            return false;
        }

        ReadOnlySpan<byte> rest = body.AsSpan(0, body.Length - ChecksumBytes);
        int versionBytes = rest[FixedBytes];
        int[]? picks = rest.Length > FixedBytes + 1 + versionBytes ? PickCode.TryRead(rest[(FixedBytes + 1 + versionBytes)..]) : null;
        if (picks is null || versionBytes == 0 || parts[1].Length == 0 || parts[2].Length == 0)
        {
            error = Damaged("its body is not a schedule");
            return false;
        }

        token = new ReplayToken(Encoding.UTF8.GetString(rest.Slice(FixedBytes + 1, versionBytes)), Uri.UnescapeDataString(parts[1]),
            Uri.UnescapeDataString(parts[2]), BinaryPrimitives.ReadUInt64LittleEndian(rest),
            BinaryPrimitives.ReadUInt64LittleEndian(rest[8..]), picks);
        return true;
    }

    /// <summary>Whether a replay would be the same run.</summary>
    /// <param name="productVersion">This build's version.</param>
    /// <param name="scenario">The name of the scenario at hand.</param>
    /// <param name="era">The era at hand.</param>
    /// <param name="fingerprint">Of the scenario text, image and options at hand.</param>
    /// <returns>The first thing that differs and how to put it right; null when nothing does.</returns>
    public ReplayTokenError? Check(string productVersion, string scenario, string era, ulong fingerprint)
    {
        if (productVersion != ProductVersion)
            return new ReplayTokenError(ReplayTokenFault.ProductVersion,
                $"product version: the token is of {ProductVersion}, this is {productVersion}. " +
                "A schedule means something only to the version that made it: " +
                $"replay it with {ProductVersion}, or explore {Scenario} anew.");
        if (scenario != Scenario)
            return new ReplayTokenError(ReplayTokenFault.Scenario,
                $"scenario: the token is for \"{Scenario}\", this is \"{scenario}\". Replay it on {Scenario}.");
        if (era != Era)
            return new ReplayTokenError(ReplayTokenFault.Era,
                $"era: the token is for era {Era}, this is era {era}. Replay it in era {Era}; " +
                "to carry a schedule over to another era, have the two compared.");
        if (fingerprint != Fingerprint)
            return new ReplayTokenError(ReplayTokenFault.Configuration,
                $"configuration: the token wants fingerprint {Fingerprint:x16}, this has {fingerprint:x16}. " +
                "The scenario's text, its image or an option has changed: " +
                "take the files and options of the report that the token came with.");
        return null;
    }

    /// <summary>Whether a replay was the same run.</summary>
    /// <param name="traceHash">Of the replay.</param>
    /// <returns>Null when it was.</returns>
    public ReplayTokenError? CheckReplay(ulong traceHash) => traceHash == TraceHash ? null : new ReplayTokenError(
        ReplayTokenFault.TraceHash,
        $"trace hash: the token wants {TraceHash:x16}, the replay had {traceHash:x16}. Version and configuration are the same, " +
        $"so this build of {ProductVersion} is not the one that made the token: use the released one.");

    /// <summary>Same fields, same picks.</summary>
    public bool Equals(ReplayToken? other) => other is not null && ToString() == other.ToString();

    /// <inheritdoc/>
    public override int GetHashCode() => HashCode.Combine(Fingerprint, TraceHash, Picks.Count);

    /// <summary>The line.</summary>
    public override string ToString()
    {
        string head = $"{Form}~{Escape(Scenario)}~{Escape(Era)}~";
        List<byte> body = [];
        Span<byte> number = stackalloc byte[8];
        BinaryPrimitives.WriteUInt64LittleEndian(number, Fingerprint);
        body.AddRange(number);
        BinaryPrimitives.WriteUInt64LittleEndian(number, TraceHash);
        body.AddRange(number);
        byte[] version = Encoding.UTF8.GetBytes(ProductVersion);
        body.Add((byte)version.Length);
        body.AddRange(version);
        PickCode.Write(body, Picks);
        BinaryPrimitives.WriteUInt32LittleEndian(number, Checksum(head, [.. body]));
        body.AddRange(number[..ChecksumBytes]);
        return head + Base64Url.EncodeToString([.. body]);
    }

    private static ReplayTokenError? CheckForm(string[] parts)
    {
        if (!parts[0].StartsWith(Family, StringComparison.Ordinal) || (parts[0] == Form && parts.Length != 4))
            return new ReplayTokenError(ReplayTokenFault.NotAToken,
                $"not a replay token: one looks like {Form}~SCENARIO~ERA~..., all in one line; copy it whole.");
        return parts[0] == Form ? null : new ReplayTokenError(ReplayTokenFault.Format,
            $"format version: the token begins with {parts[0]}, this build reads {Form}. Replay it with the version that wrote it.");
    }

    private static ReplayTokenError Damaged(string how) => new(ReplayTokenFault.Damaged,
        $"damaged token: {how}. A character was lost or changed on the way: copy it again, whole.");

    private static bool IsChecked(string head, byte[] body) =>
        Checksum(head, body.AsSpan(0, body.Length - ChecksumBytes)) ==
        BinaryPrimitives.ReadUInt32LittleEndian(body.AsSpan(body.Length - ChecksumBytes));

    private static uint Checksum(string head, ReadOnlySpan<byte> body) => Crc32.Of([.. Encoding.UTF8.GetBytes(head), .. body]);

    private static byte[]? Decode(string text)
    {
        if (!Base64Url.IsValid(text)) return null;
        byte[] body = Base64Url.DecodeFromChars(text);
        return Base64Url.EncodeToString(body) == text ? body : null; // the last character has bits that no byte has: they must be 0
    }

    private static string Escape(string name) => Uri.EscapeDataString(name).Replace("~", "%7E", StringComparison.Ordinal);

    private static string WithoutMailMarks(string text)
    {
        StringBuilder line = new(text.Length);
        foreach (char c in text)
        {
            if (!char.IsWhiteSpace(c) && c != '>') _ = line.Append(c);
        }

        return line.ToString();
    }
}
