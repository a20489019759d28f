using System;

namespace RemoteprocEmu.Virtio.Device;

/// <summary>A feature that makes sense with another one only.</summary>
/// <param name="Bit">The feature, 0 to 63.</param>
/// <param name="Needs">The one that must be there too, 0 to 63.</param>
public readonly record struct FeatureRule(int Bit, int Needs)
{
    /// <summary>Whether a set of features keeps the rule.</summary>
    public bool Holds(ulong features) => (features & VirtioFeatures.Mask(Bit)) == 0 || (features & VirtioFeatures.Mask(Needs)) != 0;

    /// <summary>The first rule that a set of features breaks.</summary>
    /// <returns>Null when it keeps them all.</returns>
    public static FeatureRule? FirstBroken(ulong features, ReadOnlySpan<FeatureRule> rules)
    {
        foreach (FeatureRule rule in rules)
        {
            if (!rule.Holds(features)) return rule;
        }

        return null;
    }
}
