using System;
using System.Runtime.InteropServices;
using RemoteprocEmu.Rpmsg.Wire;

namespace RemoteprocEmu.Rpmsg.Remote;

/// <summary>The remote's end of the name service: which endpoints the driver is to be told of, and what the driver tells.</summary>
/// <remarks>Source: open-amp lib/rpmsg/rpmsg_virtio.c, rpmsg_virtio_ns_callback; lib/rpmsg/rpmsg.c, rpmsg_send_ns_message.</remarks>
internal sealed class RemoteNameService(RemoteRpmsg rpmsg, RemoteEndpointTable endpoints)
{
    /// <summary>Whether an endpoint may wait for its announcement.</summary>
    public bool IsDue { get; set; }

    public Action<string, RpmsgAddress, bool>? HostAnnounced { get; set; }

    /// <summary>Announces what is to be announced, in order of creation, as far as there are buffers.</summary>
    public void Announce()
    {
        IsDue = false;
        foreach (RemoteEndpoint endpoint in endpoints.All)
        {
            if (endpoint.IsAnnounced || !endpoint.WantsAnnouncement) continue;
            if (rpmsg.TrySendNameService(endpoint.Name, endpoint.Address, NameServiceFlags.Create) != RemoteStatus.Ok)
            {
                IsDue = true; // tried again at the next poll
                return;
            }

            endpoint.IsAnnounced = true;
        }
    }

    /// <summary>The driver announces a channel, or takes one back.</summary>
    /// <returns>False for what is no name service message.</returns>
    public bool TryTake(ReadOnlySpan<byte> payload)
    {
        if (payload.Length != NameServiceMessage.SizeBytes) return false;
        NameServiceMessage message = MemoryMarshal.Read<NameServiceMessage>(payload);
        RpmsgName name = message.Name;
        foreach (RemoteEndpoint endpoint in endpoints.All)
        {
            if (!name.Is(endpoint.Name)) continue;
            if (message.IsDestroy && endpoint.Destination == message.Address) endpoint.Unbind();
            else if (!message.IsDestroy && endpoint.Destination.IsAny) endpoint.Destination = message.Address;
        }

        HostAnnounced?.Invoke(name.ToString(), message.Address, !message.IsDestroy);
        return true;
    }
}
