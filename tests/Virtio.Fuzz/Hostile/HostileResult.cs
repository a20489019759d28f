namespace RemoteprocEmu.Virtio.Fuzz.Hostile;

/// <summary>What a run came to.</summary>
/// <param name="Words">Shared words that were written.</param>
/// <param name="Episodes">Queues that were attacked, each from its beginning.</param>
/// <param name="Failure">What went wrong, and in which episode; null when nothing did.</param>
/// <param name="ElapsedSeconds">How long it took.</param>
public sealed record HostileResult(long Words, long Episodes, string? Failure, double ElapsedSeconds);
