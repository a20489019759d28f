using System;

namespace RemoteprocEmu.Interop.VhostUser;

/// <summary>What of the protocol is optional. Source: QEMU docs/interop/vhost-user.rst, "Protocol features".</summary>
[Flags]
public enum VhostUserProtocolFeatures : ulong
{
    /// <summary>Nothing.</summary>
    None = 0,
    /// <summary>GET_QUEUE_NUM.</summary>
    Mq = 1 << 0,
    /// <summary>A request that asks for it is acknowledged.</summary>
    ReplyAck = 1 << 3,
    /// <summary>A channel for what the back end asks. SLAVE_REQ in Linux, which does not probe a device without it.</summary>
    BackendReq = 1 << 5,
    /// <summary>GET_CONFIG, SET_CONFIG.</summary>
    Config = 1 << 9,
    /// <summary>RESET_DEVICE.</summary>
    ResetDevice = 1 << 13,
    /// <summary>Kicks and calls may be messages.</summary>
    InbandNotifications = 1 << 14,
    /// <summary>GET_STATUS, SET_STATUS.</summary>
    Status = 1 << 16,
}
