/*
 * The device half of a virtio split ring in the legacy layout that remoteproc uses (VIRTIO 1.3, 2.7.2 and 2.7.5 to 2.7.8).
 *
 *   offset                               part
 *   0                                    num descriptors of 16 bytes           written by the host
 *   16 * num                             available ring: flags, idx, num heads written by the host
 *   above + 6 + 2 * num, up to align     used ring: flags, idx, num elements   written by us
 *
 * The host is another processor: each shared field is read once, checked, then used.
 */
#ifndef VRING_H
#define VRING_H

#include <stdbool.h>
#include <stdint.h>
#include "resource_table.h"

#define VRING_DESC_F_NEXT         1u
#define VRING_DESC_F_WRITE        2u
#define VRING_DESC_F_INDIRECT     4u
#define VRING_AVAIL_F_NO_INTERRUPT 1u

struct vring_desc { uint64_t addr; uint32_t len; uint16_t flags, next; };
struct vring_avail { uint16_t flags, idx, ring[]; };
struct vring_used_elem { uint32_t id, len; };
struct vring_used { uint16_t flags, idx; struct vring_used_elem ring[]; };

/* Buffers are returned in the order they were offered and one at a time, so one free-running index serves both rings. */
struct vring {
    volatile struct vring_desc *desc;
    volatile struct vring_avail *avail;
    volatile struct vring_used *used;
    uint16_t num;
    uint16_t next;
    uint32_t notifyid;
};

struct vring_buffer { uint8_t *data; uint32_t len; uint16_t head; };

enum vring_status { VRING_OK, VRING_EMPTY, VRING_BROKEN };

/* Takes address, size and notify id from the table. Call it only once the host has set DRIVER_OK: they may be late. */
bool vring_open(struct vring *ring, volatile const struct fw_rsc_vdev_vring *rsc);

/* True when the host started the ring afresh: it zeroes the used index, which nobody else but us writes. */
bool vring_was_reset(const struct vring *ring);

/* The oldest buffer on offer, which stays on offer. flags: 0 or VRING_DESC_F_WRITE, what its descriptor must say. */
enum vring_status vring_peek(const struct vring *ring, uint16_t flags, struct vring_buffer *buffer);

/* Returns the buffer that vring_peek gave, with the bytes written into it. The host is not told: see vring_notify. */
void vring_return(struct vring *ring, const struct vring_buffer *buffer, uint32_t written);

/* Tells the host about returned buffers, unless it asked not to be told. Once a batch. */
void vring_notify(const struct vring *ring);

#endif
