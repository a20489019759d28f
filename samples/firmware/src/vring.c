#include "vring.h"
#include "platform.h"

static bool is_power_of_two(uint32_t value) { return value != 0 && (value & (value - 1)) == 0; }

bool vring_open(struct vring *ring, volatile const struct fw_rsc_vdev_vring *rsc)
{
    uintptr_t da = rsc->da;
    uint32_t num = rsc->num, align = rsc->align;
    if (da == 0 || da == FW_RSC_ADDR_ANY || da % 16 != 0 || num > 32768 || !is_power_of_two(num) || align < 4 || !is_power_of_two(align))
        return false;

    uintptr_t avail = da + 16 * num;
    uintptr_t used = (avail + 6 + 2 * num + align - 1) & ~((uintptr_t)align - 1);
    ring->desc = (volatile struct vring_desc *)da;
    ring->avail = (volatile struct vring_avail *)avail;
    ring->used = (volatile struct vring_used *)used;
    ring->num = (uint16_t)num;
    ring->next = 0;
    ring->notifyid = rsc->notifyid;
    return true;
}

bool vring_was_reset(const struct vring *ring)
{
    return ring->used->idx != ring->next;
}

enum vring_status vring_peek(const struct vring *ring, uint16_t flags, struct vring_buffer *buffer)
{
    uint16_t waiting = (uint16_t)(ring->avail->idx - ring->next);  /* 16 bits on purpose: the index wraps there, not at num */
    if (waiting == 0)
        return VRING_EMPTY;
    platform_barrier();         /* avail.idx before avail.ring, descriptor and data; pairs with the host's before avail.idx */

    uint16_t head = ring->avail->ring[ring->next & (ring->num - 1)];
    if (waiting > ring->num || head >= ring->num)
        return VRING_BROKEN;

    uint64_t addr = ring->desc[head].addr;
    if (ring->desc[head].flags != flags || addr != (uintptr_t)addr || addr == 0)
        return VRING_BROKEN;    /* a chain, an indirect table, the wrong direction, or an address out of our reach */

    buffer->data = (uint8_t *)(uintptr_t)addr;
    buffer->len = ring->desc[head].len;
    buffer->head = head;
    return VRING_OK;
}

void vring_return(struct vring *ring, const struct vring_buffer *buffer, uint32_t written)
{
    volatile struct vring_used_elem *elem = &ring->used->ring[ring->next & (ring->num - 1)];
    elem->id = buffer->head;
    elem->len = written;
    platform_barrier();         /* payload and element before used.idx; pairs with the host's after used.idx */
    ring->used->idx = ++ring->next;
}

void vring_notify(const struct vring *ring)
{
    platform_barrier();         /* used.idx before avail.flags: store before load, or a wake-up is lost */
    if ((ring->avail->flags & VRING_AVAIL_F_NO_INTERRUPT) == 0)
        doorbell_ring(ring->notifyid);
}
