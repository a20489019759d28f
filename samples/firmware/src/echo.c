/*
 * The echo firmware: finds the rpmsg vdevs of its resource table and answers what arrives on them. Vdevs of other ids
 * are somebody else's. The same source serves every image here that carries messages.
 */
#include "image.h"
#include "platform.h"
#include "resource_table.h"
#include "rpmsg.h"
#include "trace.h"

#define VDEVS_MAX 8u

static struct rpmsg_vdev vdevs[VDEVS_MAX];

int main(void)
{
    platform_open();
    trace_open();

    unsigned count = 0;
    for (unsigned n = 0; n < VDEVS_MAX; n++) {
        volatile struct fw_rsc_vdev *rsc = resource_find(RSC_VDEV, n, sizeof *rsc + 2 * sizeof(struct fw_rsc_vdev_vring));
        if (rsc != NULL && rsc->id == VIRTIO_ID_RPMSG && rsc->num_of_vrings == 2)
            rpmsg_vdev_init(&vdevs[count++], rsc, n);
    }

    trace_text(image_name);
    trace_text(": boot, rpmsg vdevs: ");
    trace_number(count);
    trace_text("\n");

    for (;;) {
        /* A kick only means "look": the status byte changes without one, so all vdevs are looked at whatever was kicked. */
        (void)doorbell_take();
        bool busy = false;
        for (unsigned i = 0; i < count; i++)
            busy |= rpmsg_vdev_poll(&vdevs[i]);
        if (!busy)
            platform_wait();    /* a kick since doorbell_take holds the line high: it returns at once */
    }
}
