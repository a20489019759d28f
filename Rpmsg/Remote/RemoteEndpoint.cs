using System;
using RemoteprocEmu.Rpmsg.Wire;

namespace RemoteprocEmu.Rpmsg.Remote;

/// <summary>An endpoint of the remote half: an address, a peer, and what to do with messages. OpenAMP: struct rpmsg_endpoint.</summary>
public sealed class RemoteEndpoint
{
    private readonly RpmsgAddress _firstDestination;

    internal RemoteEndpoint(RemoteRpmsg remote, string name, RpmsgAddress address, RpmsgAddress destination, RemoteMessageHandler handler)
    {
        Remote = remote;
        Name = name;
        Address = address;
        Destination = _firstDestination = destination;
        Handler = handler;
    }

    /// <summary>Whose it is.</summary>
    public RemoteRpmsg Remote { get; }

    /// <summary>The service that it announces; empty for none.</summary>
    public string Name { get; }

    /// <summary>Its own address.</summary>
    public RpmsgAddress Address { get; }

    /// <summary>
    /// The peer's address. While it is ANY, the first message that comes binds it, and so does a host that announces the same name. After a
    /// device reset it is again what the endpoint was created with.
    /// </summary>
    public RpmsgAddress Destination { get; set; }

    /// <summary>Whether the driver that runs now was told of it.</summary>
    public bool IsAnnounced { get; internal set; }

    /// <summary>Whether it was destroyed.</summary>
    public bool IsDestroyed { get; internal set; }

    /// <summary>Called when the host takes the peer back that it had announced; null for nobody. OpenAMP: ns_unbind_cb.</summary>
    public Action<RemoteEndpoint>? Unbound { get; set; }

    /// <summary>
    /// Whether its messages go to whoever polls with a handler of his own; see
    /// <see cref="RemoteRpmsg.Poll{THandler}(ref THandler, int, out int)"/>. Others still come to the endpoint's own handler.
    /// </summary>
    public bool IsPolled { get; set; }

    internal RemoteMessageHandler Handler { get; }

    /// <summary>Whether a driver is to be told of it: it has a name and was made for any peer.</summary>
    internal bool WantsAnnouncement => Name.Length > 0 && _firstDestination.IsAny;

    /// <summary>Sends a copy to <see cref="Destination"/>. OpenAMP: rpmsg_trysend.</summary>
    /// <inheritdoc cref="RemoteRpmsg.TrySend(RpmsgAddress, RpmsgAddress, ReadOnlySpan{byte}, bool)"/>
    public RemoteStatus TrySend(ReadOnlySpan<byte> payload, bool more = false) => Remote.TrySend(Address, Destination, payload, more);

    /// <summary>Sends a copy. OpenAMP: rpmsg_trysendto.</summary>
    /// <inheritdoc cref="RemoteRpmsg.TrySend(RpmsgAddress, RpmsgAddress, ReadOnlySpan{byte}, bool)"/>
    public RemoteStatus TrySendTo(RpmsgAddress destination, ReadOnlySpan<byte> payload, bool more = false) =>
        Remote.TrySend(Address, destination, payload, more);

    /// <summary>Sends a buffer that was written in place, to <see cref="Destination"/>. OpenAMP: rpmsg_send_nocopy.</summary>
    /// <inheritdoc cref="RemoteRpmsg.Commit(RemoteTxBuffer, RpmsgAddress, RpmsgAddress, int, bool)"/>
    public RemoteStatus Commit(RemoteTxBuffer buffer, int lengthBytes, bool more = false) =>
        Remote.Commit(buffer, Address, Destination, lengthBytes, more);

    internal void Unbind()
    {
        Destination = RpmsgAddress.Any;
        Unbound?.Invoke(this);
    }

    /// <summary>Begins to send messages to <see cref="Destination"/>, by the batch and in place.</summary>
    /// <inheritdoc cref="RemoteRpmsg.BeginBatch(RpmsgAddress, RpmsgAddress, int)"/>
    public RemoteSendBatch BeginBatch(int max = RemoteRpmsg.BatchMax) => Remote.BeginBatch(Address, Destination, max);

    internal void OnLinkDown()
    {
        IsAnnounced = false;
        Destination = _firstDestination;
    }
}
