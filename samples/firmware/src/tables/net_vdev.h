/* A network vdev: two rings and the first fields of the virtio network device's config space (VIRTIO 1.3, 5.1.4). */
#ifndef NET_VDEV_H
#define NET_VDEV_H

#include "resource_table.h"

#define VIRTIO_ID_NET       1u
#define VIRTIO_NET_F_MAC    (1u << 5)
#define VIRTIO_NET_F_STATUS (1u << 16)
#define VIRTIO_NET_S_LINK_UP 1u

struct net_config {
    uint8_t  mac[6];
    uint16_t status;
    uint16_t max_virtqueue_pairs;       /* without the feature MQ: one pair */
    uint16_t mtu;
};

struct net_entry { struct vdev_entry vdev; struct net_config config; };

_Static_assert(sizeof(struct net_config) == 12, "config space");
_Static_assert(sizeof(struct net_entry) == sizeof(struct vdev_entry) + sizeof(struct net_config), "config space follows the rings");

/* The MAC is locally administered; its last byte tells the devices of one image apart. */
#define NET_ENTRY(number, alignment, descriptors) {                                                             \
    .vdev = VDEV_ENTRY(VIRTIO_ID_NET, VIRTIO_NET_F_MAC | VIRTIO_NET_F_STATUS, sizeof(struct net_config),        \
                       FW_RSC_ADDR_ANY, FW_RSC_ADDR_ANY, alignment, descriptors),                               \
    .config = { .mac = { 0x02, 0, 0, 0, 0, (number) }, .status = VIRTIO_NET_S_LINK_UP,                          \
                .max_virtqueue_pairs = 1, .mtu = 1500 } }

#endif
