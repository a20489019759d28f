namespace RemoteprocEmu.Virtio.Tests.Ring;

/// <summary>Who sends.</summary>
public enum Direction
{
    /// <summary>The driver fills buffers, offers them to be read, and waits for a free one when there is none.</summary>
    Send,

    /// <summary>The driver has lent all buffers; the device fills them, and the driver lends them again.</summary>
    Receive,
}

/// <summary>How a side asks for notifications, and how it stops asking.</summary>
public enum Asking
{
    /// <summary>By the flags of its ring.</summary>
    ByFlags,

    /// <summary>By event index.</summary>
    ByEvent,

    /// <summary>By event index, and the receiving driver never stops asking, as virtio_rpmsg_bus never does: each reclaim moves the
    /// event.</summary>
    ByEventAlways,
}

/// <summary>What passes through an explored queue.</summary>
/// <param name="Direction">Who sends.</param>
/// <param name="Asking">How notifications are suppressed.</param>
/// <param name="QueueSize">Descriptors.</param>
/// <param name="Messages">Messages; with more than descriptors, both sides wait for each other.</param>
/// <param name="Batch">Messages to a publication and a decision to notify; a divisor of both numbers, and 1 with more messages than
/// descriptors.</param>
/// <param name="InOrder">Whether buffers come back in order, with one used entry for a batch; both sides use the calls for several buffers
/// then.</param>
public sealed record Traffic(Direction Direction, Asking Asking, int QueueSize, int Messages, int Batch = 1, bool InOrder = false)
{
    internal bool EndsBatch(int message) => (message + 1) % Batch == 0;

    internal bool StaysArmed => Asking == Asking.ByEventAlways;
}
