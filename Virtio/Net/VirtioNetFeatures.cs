using System;
using RemoteprocEmu.Virtio.Device;

namespace RemoteprocEmu.Virtio.Net;

/// <summary>Feature bits of the virtio device 1, net, as far as the driver here knows them.</summary>
/// <remarks>Source: VIRTIO 1.3, 5.1.3; Linux include/uapi/linux/virtio_net.h.</remarks>
public static class VirtioNetFeatures
{
    /// <summary>VIRTIO_NET_F_MTU: the configuration says the largest payload of a frame.</summary>
    public const int Mtu = 3;

    /// <summary>VIRTIO_NET_F_MAC: the configuration says the address.</summary>
    public const int Mac = 5;

    /// <summary>VIRTIO_NET_F_MRG_RXBUF: a frame may lie in several buffers.</summary>
    public const int MergeableBuffers = 15;

    /// <summary>VIRTIO_NET_F_STATUS: the configuration says whether the link is up.</summary>
    public const int Status = 16;

    /// <summary>VIRTIO_NET_F_CTRL_VQ: a third queue. Over remoteproc, which has two, the probe fails.</summary>
    public const int ControlQueue = 17;

    /// <summary>VIRTIO_NET_F_CTRL_RX.</summary>
    public const int ControlReceive = 18;

    /// <summary>VIRTIO_NET_F_CTRL_VLAN.</summary>
    public const int ControlVlan = 19;

    /// <summary>VIRTIO_NET_F_GUEST_ANNOUNCE.</summary>
    public const int GuestAnnounce = 21;

    /// <summary>VIRTIO_NET_F_MQ: several pairs of queues.</summary>
    public const int MultiQueue = 22;

    /// <summary>VIRTIO_NET_F_CTRL_MAC_ADDR.</summary>
    public const int ControlMacAddress = 23;

    /// <summary>What needs the control queue. Kernel: virtnet_validate_features.</summary>
    public static ReadOnlySpan<FeatureRule> Rules => s_rules;

    private static readonly FeatureRule[] s_rules =
    [
        new(ControlReceive, ControlQueue), new(ControlVlan, ControlQueue), new(GuestAnnounce, ControlQueue),
        new(MultiQueue, ControlQueue), new(ControlMacAddress, ControlQueue),
    ];

    /// <summary>The kernel's name of a bit, for the log.</summary>
    internal static string NameOf(int bit) => bit switch
    {
        ControlQueue => "VIRTIO_NET_F_CTRL_VQ",
        ControlReceive => "VIRTIO_NET_F_CTRL_RX",
        ControlVlan => "VIRTIO_NET_F_CTRL_VLAN",
        GuestAnnounce => "VIRTIO_NET_F_GUEST_ANNOUNCE",
        MultiQueue => "VIRTIO_NET_F_MQ",
        ControlMacAddress => "VIRTIO_NET_F_CTRL_MAC_ADDR",
        _ => $"bit {bit}",
    };
}
