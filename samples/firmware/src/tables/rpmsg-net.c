/* One rpmsg and one network vdev, which different drivers bind to and may let go of independently. */
#include "image.h"
#include "net_vdev.h"
#include "resource_table.h"
#include "rpmsg.h"

const char image_name[] = "rpmsg-net";

struct table {
    struct resource_table header;
    uint32_t offset[2];
    struct vdev_entry rpmsg;
    struct net_entry net;
};

RESOURCE_TABLE struct table table = {
    .header = { .ver = 1, .num = 2 },
    .offset = { offsetof(struct table, rpmsg), offsetof(struct table, net) },
    .rpmsg = VDEV_ENTRY(VIRTIO_ID_RPMSG, VIRTIO_RPMSG_F_NS, 0, FW_RSC_ADDR_ANY, FW_RSC_ADDR_ANY, 16, 16),
    .net = NET_ENTRY(1, 4096, 64),
};
