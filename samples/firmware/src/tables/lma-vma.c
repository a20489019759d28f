/* One rpmsg vdev, in an image whose table and data are stored behind the code: see link/stm32mp1.ld. */
#include "image.h"
#include "resource_table.h"
#include "rpmsg.h"

const char image_name[] = "lma-vma";

struct table {
    struct resource_table header;
    uint32_t offset[1];
    struct vdev_entry rpmsg;
};

RESOURCE_TABLE struct table table = {
    .header = { .ver = 1, .num = 1 },
    .offset = { offsetof(struct table, rpmsg) },
    .rpmsg = VDEV_ENTRY(VIRTIO_ID_RPMSG, VIRTIO_RPMSG_F_NS, 0, FW_RSC_ADDR_ANY, FW_RSC_ADDR_ANY, 16, 16),
};
