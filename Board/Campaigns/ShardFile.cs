using System;
using System.Collections.Generic;
using System.Linq;
using RemoteprocEmu.Explorer.Campaigns;

namespace RemoteprocEmu.Board.Campaigns;

/// <summary>What one process has done of a campaign: its header, and the parts that were run to their end.</summary>
/// <remarks>
/// <code>
/// one JSON object a line
/// header                                  see <see cref="ShardJson"/>
/// part                                    as each is done; appended and flushed to the disk
/// part
/// </code>
/// Who is killed, or finds the disk full, loses the parts that it was at: a last line without its end does not count.
/// </remarks>
public sealed class ShardFile
{
    private readonly Dictionary<string, SortedDictionary<int, PartResult>> _parts = new(StringComparer.Ordinal);

    internal ShardFile(ShardHeader header)
    {
        Header = header;
        foreach (ShardEra era in header.Eras) _parts.Add(era.Era, []);
    }

    /// <summary>Which campaign, and which share of it.</summary>
    public ShardHeader Header { get; }

    /// <summary>Bytes of the file that count: up to the end of its last whole line.</summary>
    public long LengthBytes { get; internal set; }

    /// <summary>Texts of outcomes, in the order in which the lines number them.</summary>
    internal List<string> OutcomeTexts { get; } = [];

    /// <summary>Whether every part of this share is there.</summary>
    public bool IsComplete => Header.Eras.All(era => _parts[era.Era].Count == Header.OwnPartCount(era));

    /// <summary>The parts that are done in an era, by number.</summary>
    /// <param name="era">The era's name; one of the header's.</param>
    public IReadOnlyDictionary<int, PartResult> PartsOf(string era) => _parts[era];

    internal bool TryAdd(string era, int part, PartResult result) =>
        _parts.TryGetValue(era, out SortedDictionary<int, PartResult>? parts) && parts.TryAdd(part, result);
}
