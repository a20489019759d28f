namespace RemoteprocEmu.Virtio.Fuzz.Conformance;

/// <summary>What a run came to.</summary>
/// <param name="Operations">Operations done on both, the tested queue and the model.</param>
/// <param name="Rounds">Chains that went all the way round.</param>
/// <param name="Failure">How they differ, and in which operation; null when they do not.</param>
public sealed record ConformanceResult(long Operations, long Rounds, string? Failure);
