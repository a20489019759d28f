using System;
using RemoteprocEmu.Virtio.Device;

namespace RemoteprocEmu.Interop.VhostUser;

/// <summary>What device a back end is.</summary>
public sealed record VhostUserOptions
{
    /// <summary>Rings of an rpmsg, net or serial device.</summary>
    public const int RingCount = 2;

    /// <summary>The features that the device offers; of queues and transports, only what the device half knows.</summary>
    /// <remarks>For rpmsg: bit 0 is the name service.</remarks>
    public ulong Features { get; init; } = 1 | VirtioFeatures.Mask(VirtioFeatures.Version1);

    /// <summary>What of the protocol is offered; at least <see cref="VhostUserProtocolFeatures.BackendReq"/> for Linux.</summary>
    /// <remarks>
    /// Kicks and calls in band are for simulators of time, and slower; Linux takes them whenever they are offered. So they are not, unless
    /// they are asked for.
    /// </remarks>
    public VhostUserProtocolFeatures ProtocolFeatures { get; init; } =
        VhostUserProtocolFeatures.Mq | VhostUserProtocolFeatures.ReplyAck | VhostUserProtocolFeatures.BackendReq |
        VhostUserProtocolFeatures.Config | VhostUserProtocolFeatures.ResetDevice | VhostUserProtocolFeatures.Status;

    /// <summary>Its configuration space, as it is when a front end connects.</summary>
    public ReadOnlyMemory<byte> Config { get; init; }
}
