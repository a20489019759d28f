using System;
using RemoteprocEmu.Rpmsg.Bus;
using RemoteprocEmu.Rpmsg.Wire;

namespace RemoteprocEmu.Rpmsg.VirtioBackend;

/// <summary>The host's messages of one rpmsg vdev by the batch: written and read in place, no call through an interface, nothing
/// allocated.</summary>
/// <remarks>
/// <code>
/// RpmsgFastPath path = RpmsgFastPath.Of(channel);
/// endpoint.IsPolled = true;
/// path.StopInterrupts();
/// while (running) _ = path.Poll(ref handler, 256);
/// </code>
/// The same buffers, endpoints and rings as everywhere else on the vdev, and it may be used beside the kernel's calls: on the host
/// processor, between two awaits.
/// </remarks>
public sealed class RpmsgFastPath
{
    /// <summary>Messages that are published together at most: more gain nothing.</summary>
    public const int BatchMax = 32;

    private readonly MessageSender _sender;
    private readonly MessageReceiver _receiver;

    internal RpmsgFastPath(MessageSender sender, MessageReceiver receiver)
    {
        _sender = sender;
        _receiver = receiver;
    }

    /// <summary>
    /// Whether the remote polls all the time and is never kicked: no fence is paid and no flag looked at. A remote that sleeps is lost.
    /// </summary>
    public bool PeerPolls { get; set; }

    /// <summary>The vdev's, by one of its channels.</summary>
    /// <param name="channel">A channel.</param>
    /// <exception cref="ArgumentException">It is not carried by virtio.</exception>
    /// <exception cref="Platform.InvariantException">Its vdev has no driver.</exception>
    public static RpmsgFastPath Of(RpmsgDevice channel)
    {
        ArgumentNullException.ThrowIfNull(channel);
        return channel.Backend is VirtioRpmsg backend ? backend.FastPath : throw new ArgumentException("not a channel over virtio");
    }

    /// <summary>Receives what has come. Messages for polled endpoints go to <paramref name="handler"/>, others to their own handlers, which
    /// become tasks where they wait.</summary>
    /// <param name="handler">Called without an indirection; it keeps what it counts.</param>
    /// <param name="max">Messages at most.</param>
    /// <returns>Messages that came, whoever got them. 0 also while a handler that an interrupt has called waits.</returns>
    public int Poll<THandler>(ref THandler handler, int max)
        where THandler : struct, IRpmsgBatchHandler => _receiver.Poll(ref handler, max, PeerPolls);

    /// <summary>Asks the remote for no interrupts when it sends: somebody polls.</summary>
    public void StopInterrupts() => _receiver.StopInterrupts();

    /// <summary>Asks for interrupts again.</summary>
    /// <returns>True when something has come already: poll, for no interrupt may come.</returns>
    public bool StartInterrupts() => _receiver.StartInterrupts();

    /// <summary>Begins to send messages from an endpoint to its channel's destination, by the batch and in place.</summary>
    /// <inheritdoc cref="BeginBatch(RpmsgAddress, RpmsgAddress, int)"/>
    public RpmsgSendBatch BeginBatch(RpmsgEndpoint endpoint, int max = BatchMax)
    {
        ArgumentNullException.ThrowIfNull(endpoint);
        return BeginBatch(endpoint.Address, endpoint.Device.Destination, max);
    }

    /// <summary>Begins to send messages from one address to another, by the batch and in place.</summary>
    /// <param name="source">The sender's address.</param>
    /// <param name="destination">The receiver's.</param>
    /// <param name="max">Buffers in hand at a time, at most: who knows that there are few messages takes no more than those. 1 and up; the
    /// most that is taken is <see cref="BatchMax"/>.</param>
    /// <returns>The batch, to be disposed: what was committed is published then. One at a time.</returns>
    /// <exception cref="ArgumentException">An address is Any.</exception>
    /// <exception cref="InvalidOperationException">Another batch is open.</exception>
    public RpmsgSendBatch BeginBatch(RpmsgAddress source, RpmsgAddress destination, int max = BatchMax)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(max, 1);
        if (source.IsAny || destination.IsAny) throw new ArgumentException("a message has a source and a destination");
        return _sender.BeginBatch(source, destination, PeerPolls, Math.Min(max, BatchMax));
    }
}
