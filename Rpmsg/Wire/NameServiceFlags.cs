using System;

namespace RemoteprocEmu.Rpmsg.Wire;

/// <summary>What a name service message says of its channel. Source: Linux include/linux/rpmsg/ns.h, enum rpmsg_ns_flags.</summary>
[Flags]
public enum NameServiceFlags : uint
{
    /// <summary>RPMSG_NS_CREATE: the channel is there.</summary>
    Create = 0,

    /// <summary>RPMSG_NS_DESTROY, bit 0: the channel is gone. The other bits are not looked at.</summary>
    Destroy = 1,
}
