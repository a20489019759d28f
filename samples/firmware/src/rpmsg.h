/*
 * An rpmsg vdev, seen from the remote: announce one endpoint, then answer each message with itself.
 *
 *   rpmsg message: src u32, dst u32, reserved u32, len u16, flags u16, then len bytes
 *   name service message, to address 53: name[32], addr u32, flags u32 (0 create, 1 destroy)
 *
 * Source: Linux drivers/rpmsg/virtio_rpmsg_bus.c and include/linux/rpmsg/ns.h; no chapter in the virtio specification.
 */
#ifndef RPMSG_H
#define RPMSG_H

#include <stdbool.h>
#include "resource_table.h"
#include "vring.h"

#define VIRTIO_ID_RPMSG            7u
#define VIRTIO_RPMSG_F_NS          (1u << 0)
#define VIRTIO_CONFIG_S_DRIVER_OK  4u

#define RPMSG_NS_ADDR              53u
#define RPMSG_NS_CREATE            0u
#define RPMSG_NAME_SIZE            32u

struct rpmsg_hdr { uint32_t src, dst, reserved; uint16_t len, flags; uint8_t data[]; };
struct rpmsg_ns_msg { char name[RPMSG_NAME_SIZE]; uint32_t addr, flags; };

_Static_assert(sizeof(struct rpmsg_hdr) == 16 && sizeof(struct rpmsg_ns_msg) == 40, "as on the wire");

/* All zero is the state before the host has come up. */
struct rpmsg_vdev {
    volatile struct fw_rsc_vdev *rsc;   /* in the resource table */
    struct vring tx;                    /* vring 0: the host's receive ring, where we send */
    struct vring rx;                    /* vring 1: the host's send ring, where we receive */
    uint32_t addr;                      /* of our endpoint */
    unsigned number;                    /* for the log */
    bool online;                        /* the host's driver is up and the rings are open */
    bool announced;
    bool broken;                        /* the host broke the protocol: silent until it resets the device */
};

void rpmsg_vdev_init(struct rpmsg_vdev *vdev, volatile struct fw_rsc_vdev *rsc, unsigned number);

/* Does what there is to do, at most one ring's worth of messages. True when it did something: call again before sleeping. */
bool rpmsg_vdev_poll(struct rpmsg_vdev *vdev);

#endif
