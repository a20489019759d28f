namespace RemoteprocEmu.Virtio.Tests.Ring;

/// <summary>What passes through an explored packed queue.</summary>
/// <param name="Direction">Who sends.</param>
/// <param name="Asking">How notifications are suppressed.</param>
/// <param name="QueueSize">Slots.</param>
/// <param name="Messages">Messages; with more than fit, both sides wait for each other.</param>
/// <param name="Batch">Messages to a publication and a decision to notify; a divisor of both numbers, and 1 with more messages than
/// fit.</param>
/// <param name="Slots">Slots of a message, which is a chain of so many buffers.</param>
/// <param name="InOrder">Whether one used descriptor may stand for a batch.</param>
/// <param name="Reversed">Whether the device returns the last of a batch first; only with as many messages as fit.</param>
public sealed record PackedTraffic(Direction Direction, Asking Asking, int QueueSize, int Messages, int Batch = 1, int Slots = 1,
    bool InOrder = false, bool Reversed = false)
{
    internal int Lent => QueueSize / Slots;

    /// <summary>The message that is returned at this place.</summary>
    internal int ReturnedAt(int place) => Reversed ? place - (place % Batch) + Batch - 1 - (place % Batch) : place;

    internal bool EndsBatch(int message) => (message + 1) % Batch == 0;

    internal bool StaysArmed => Asking == Asking.ByEventAlways;
}
