using System.Collections.Generic;
using System.Linq;

namespace RemoteprocEmu.Board.Campaigns;

/// <summary>What a shard's file begins with: which campaign it is of, and which share of it.</summary>
/// <param name="ProductVersion">Who wrote it.</param>
/// <param name="Scenario">The scenario's name.</param>
/// <param name="Source">How the scenario was named: a path, or its name.</param>
/// <param name="Plan">The search.</param>
/// <param name="ShardIndex">Which share, from 0: the parts whose number leaves this remainder when divided by the count.</param>
/// <param name="ShardCount">Shares there are.</param>
/// <param name="Eras">The eras, in order.</param>
public sealed record ShardHeader(
    string ProductVersion, string Scenario, string Source, PlanRequest Plan, int ShardIndex, int ShardCount, IReadOnlyList<ShardEra> Eras)
{
    /// <summary>The share as the command line has it: <c>2/4</c>.</summary>
    public string Shard => $"{ShardIndex + 1}/{ShardCount}";

    /// <summary>The parts of an era that are this share's.</summary>
    public int OwnPartCount(ShardEra era)
    {
        System.ArgumentNullException.ThrowIfNull(era);
        return (era.PartCount - ShardIndex + ShardCount - 1) / ShardCount;
    }

    /// <summary>What differs between the campaigns of two files; null when they are shares of one.</summary>
    public string? FindDifference(ShardHeader other)
    {
        System.ArgumentNullException.ThrowIfNull(other);
        if (ProductVersion != other.ProductVersion) return $"product version {ProductVersion}, not {other.ProductVersion}";
        if (Scenario != other.Scenario) return $"scenario {Scenario}, not {other.Scenario}";
        if (ShardCount != other.ShardCount) return $"a shard of {ShardCount}, not of {other.ShardCount}";
        if (Plan != other.Plan) return $"the plan is {Plan}, not {other.Plan}";
        string eras = string.Join(", ", Eras.Select(era => era.Era));
        string otherEras = string.Join(", ", other.Eras.Select(era => era.Era));
        if (eras != otherEras) return $"eras {eras}, not {otherEras}";
        for (int i = 0; i < Eras.Count; i++)
        {
            if (Eras[i].Fingerprint != other.Eras[i].Fingerprint)
                return $"era {Eras[i].Era} has fingerprint {Eras[i].Fingerprint:x16}, not {other.Eras[i].Fingerprint:x16}: " +
                    "the scenario's text or its image is another";
            if (Eras[i] != other.Eras[i]) return $"era {Eras[i].Era} has {Eras[i].PartCount} parts, not {other.Eras[i].PartCount}";
        }

        return null;
    }
}
