namespace RemoteprocEmu.Rpmsg.Ownership;

/// <summary>A rule of ownership that was broken.</summary>
/// <param name="Rule">Which.</param>
/// <param name="Queue">The queue: <c>virtio0 output</c>.</param>
/// <param name="Buffer">The buffer's number there.</param>
/// <param name="TimeNs">When, in the scheduler's time, ns.</param>
/// <param name="Text">All of it, in one line: who, and since when.</param>
public sealed record BufferFinding(BufferRule Rule, string Queue, int Buffer, long TimeNs, string Text);
