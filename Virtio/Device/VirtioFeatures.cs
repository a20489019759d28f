using System.Linq;
using RemoteprocEmu.Virtio.Ring;

namespace RemoteprocEmu.Virtio.Device;

/// <summary>Numbers of the feature bits that belong to queues and transports, and the rules for them. Bits of a device type live with its
/// driver.</summary>
/// <remarks>
/// A resource table carries bits 0 to 31 only: over remoteproc, <see cref="Version1"/> and everything after it can never be offered.
/// Source: VIRTIO 1.3, 6; Linux include/uapi/linux/virtio_config.h, virtio_ring.h.
/// </remarks>
public static class VirtioFeatures
{
    /// <summary>VIRTIO_F_NOTIFY_ON_EMPTY, legacy: interrupt when the available ring runs empty.</summary>
    public const int NotifyOnEmpty = 24;

    /// <summary>VIRTIO_F_ANY_LAYOUT, legacy: no assumption about how a message is cut into descriptors.</summary>
    public const int AnyLayout = 27;

    /// <summary>VIRTIO_RING_F_INDIRECT_DESC: a descriptor may point to a table of descriptors.</summary>
    public const int RingIndirectDesc = 28;

    /// <summary>VIRTIO_RING_F_EVENT_IDX: notifications are suppressed by index.</summary>
    public const int RingEventIdx = 29;

    /// <summary>VIRTIO_F_VERSION_1: not legacy.</summary>
    public const int Version1 = 32;

    /// <summary>VIRTIO_F_ACCESS_PLATFORM: addresses are those of the platform's DMA.</summary>
    public const int AccessPlatform = 33;

    /// <summary>VIRTIO_F_RING_PACKED.</summary>
    public const int RingPacked = 34;

    /// <summary>VIRTIO_F_IN_ORDER: buffers are used in the order in which they were made available.</summary>
    public const int InOrder = 35;

    /// <summary>VIRTIO_F_ORDER_PLATFORM: memory is ordered as between real devices.</summary>
    public const int OrderPlatform = 36;

    /// <summary>VIRTIO_F_NOTIFICATION_DATA: a kick carries a position.</summary>
    public const int NotificationData = 38;

    /// <summary>VIRTIO_F_RING_RESET: one queue can be reset by itself.</summary>
    public const int RingReset = 40;

    /// <summary>VIRTIO_TRANSPORT_F_START: the first bit that belongs to queues and transports.</summary>
    public const int TransportStart = 28;

    /// <summary>VIRTIO_TRANSPORT_F_END: one past the last of them.</summary>
    public const int TransportEnd = 42;

    /// <summary>Bits <see cref="TransportStart"/> up to, not including, <see cref="TransportEnd"/>.</summary>
    public const ulong TransportMask = (1UL << TransportEnd) - (1UL << TransportStart);

    /// <summary>What <see cref="FirstBroken"/> looks for: each bit past 31 is one of VERSION_1's. Source: VIRTIO 1.3, 6.1.</summary>
    private static readonly FeatureRule[] s_rules =
        [.. Enumerable.Range(Version1 + 1, TransportEnd - Version1 - 1).Select(bit => new FeatureRule(bit, Version1))];

    /// <summary>The mask of a bit.</summary>
    /// <param name="bit">0 to 63.</param>
    public static ulong Mask(int bit) => 1UL << bit;

    /// <summary>What a ring has to know of what was negotiated.</summary>
    /// <param name="features">All bits.</param>
    public static RingFeatures ForRing(ulong features) =>
        ((features & Mask(RingEventIdx)) != 0 ? RingFeatures.EventIndex : RingFeatures.None)
        | ((features & Mask(InOrder)) != 0 ? RingFeatures.InOrder : RingFeatures.None)
        | ((features & Mask(RingIndirectDesc)) != 0 ? RingFeatures.Indirect : RingFeatures.None);

    /// <summary>The first rule that a set of features breaks: RING_PACKED, IN_ORDER and the like need VERSION_1.</summary>
    /// <returns>Null when it keeps them all. What a device refuses FEATURES_OK for.</returns>
    public static FeatureRule? FirstBroken(ulong features) => FeatureRule.FirstBroken(features, s_rules);

    /// <summary>Clears the transport bits that rings do not know. A transport calls it from its finalize_features.</summary>
    /// <param name="features">What driver and device have in common.</param>
    /// <returns><paramref name="features"/>, of the transport bits only INDIRECT_DESC, EVENT_IDX, VERSION_1, ACCESS_PLATFORM,
    /// IN_ORDER and ORDER_PLATFORM.</returns>
    /// <remarks>
    /// Kernel: vring_transport_features. The kernel also keeps RING_PACKED, which remoteproc clears itself; ours has no packed ring. Our
    /// driver
    /// half makes no indirect tables, which INDIRECT_DESC permits and never demands.
    /// </remarks>
    public static ulong VringTransportFeatures(ulong features) =>
        features & (~TransportMask | Mask(RingIndirectDesc) | Mask(RingEventIdx)
            | Mask(Version1) | Mask(AccessPlatform) | Mask(InOrder) | Mask(OrderPlatform));
}
