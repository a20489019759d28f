namespace RemoteprocEmu.Rpmsg.VirtioBackend;

/// <summary>Who has the message buffers of one direction of a vdev, and what passed there since the driver came.</summary>
/// <remarks>Each buffer has one owner: where nothing moves, the four counts make the total.</remarks>
/// <param name="Queue">The queue: <c>virtio0 input</c>.</param>
/// <param name="IsBroken">Whether the queue is broken: it gives no buffer back then.</param>
/// <param name="Total">Buffers there are.</param>
/// <param name="Free">Never used, or put back unsent.</param>
/// <param name="Held">In a handler or kept beyond it; taken to write a message into.</param>
/// <param name="InRing">Lent to the remote, or given back by it and not got yet.</param>
/// <param name="Refused">Given back with a message that lied about its length: they are not lent again.</param>
/// <param name="Passed">Messages sent, or received.</param>
/// <param name="Waiting">Buffers given back by the remote and not got yet.</param>
/// <param name="IsDraining">Whether they are being got now; a handler that waits keeps the others waiting.</param>
public readonly record struct BufferCensus(
    string Queue, bool IsBroken, int Total, int Free, int Held, int InRing, int Refused, long Passed, int Waiting, bool IsDraining)
{
    /// <summary>Buffers that nobody has; below 0 when some have two owners.</summary>
    public int Lost => Total - Free - Held - InRing - Refused;
}
