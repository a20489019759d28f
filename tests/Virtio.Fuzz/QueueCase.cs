using System.Collections.Generic;
using System.Linq;
using RemoteprocEmu.Virtio.Ring;

namespace RemoteprocEmu.Virtio.Fuzz;

/// <summary>One kind of queue to be tried.</summary>
/// <param name="IsPacked">Packed; otherwise split.</param>
/// <param name="QueueSize">Its descriptors.</param>
/// <param name="AlignBytes">Split: alignment of the legacy layout; 0 for three parts that lie apart, as those of a packed queue always
/// do.</param>
/// <param name="Features">What was negotiated.</param>
/// <param name="CoalescesUsed">Whether the device half may keep back used lengths.</param>
public sealed record QueueCase(bool IsPacked, int QueueSize, int AlignBytes, RingFeatures Features, bool CoalescesUsed)
{
    private const int FeatureSets = 8;
    private static readonly int[] s_splitSizes = [1, 2, 8, 256, 32768];
    private static readonly int[] s_packedSizes = [1, 2, 3, 7, 256, 32767, 32768];
    private static readonly int[] s_alignments = [0, 4, 16, 4096];

    /// <summary>Every size with every set of features; layouts take turns.</summary>
    public static IReadOnlyList<QueueCase> All { get; } = [.. s_splitSizes.SelectMany(Split), .. s_packedSizes.SelectMany(Packed)];

    /// <summary>Whether the feature was negotiated.</summary>
    public bool Has(RingFeatures feature) => (Features & feature) != 0;

    /// <inheritdoc/>
    public override string ToString()
    {
        string layout = IsPacked ? "packed" : AlignBytes == 0 ? "split" : $"split, legacy layout aligned to {AlignBytes}";
        return $"{layout}, {QueueSize} descriptors, {Features}{(CoalescesUsed ? ", used lengths kept back" : "")}";
    }

    private static IEnumerable<QueueCase> Split(int size, int turn)
    {
        for (int set = 0; set < FeatureSets; set++)
        {
            RingFeatures features = (RingFeatures)set;
            yield return new(false, size, s_alignments[(turn + set) % s_alignments.Length], features, CoalescesUsed: false);
            if ((features & RingFeatures.InOrder) == 0) continue;
            yield return new(false, size, s_alignments[(turn + set + 1) % s_alignments.Length], features, CoalescesUsed: true);
        }
    }

    private static IEnumerable<QueueCase> Packed(int size)
    {
        for (int set = 0; set < FeatureSets; set++)
        {
            RingFeatures features = (RingFeatures)set;
            yield return new(true, size, 0, features, CoalescesUsed: false);
            if ((features & RingFeatures.InOrder) != 0) yield return new(true, size, 0, features, CoalescesUsed: true);
        }
    }
}
