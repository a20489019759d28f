/* Two rpmsg vdevs: both must have their rings before the first instruction, not only the first one. */
#include "image.h"
#include "memory_map.h"
#include "resource_table.h"
#include "rpmsg.h"

const char image_name[] = "rpmsg-two-vdevs";
TRACE_BUFFER;

struct table {
    struct resource_table header;
    uint32_t offset[3];
    struct vdev_entry rpmsg[2];
    struct trace_entry trace;
};

RESOURCE_TABLE struct table table = {
    .header = { .ver = 1, .num = 3 },
    .offset = { offsetof(struct table, rpmsg[0]), offsetof(struct table, rpmsg[1]), offsetof(struct table, trace) },
    .rpmsg = {
        VDEV_ENTRY(VIRTIO_ID_RPMSG, VIRTIO_RPMSG_F_NS, 0, FW_RSC_ADDR_ANY, FW_RSC_ADDR_ANY, 16, 16),
        VDEV_ENTRY(VIRTIO_ID_RPMSG, VIRTIO_RPMSG_F_NS, 0, FW_RSC_ADDR_ANY, FW_RSC_ADDR_ANY, 16, 16),
    },
    .trace = TRACE_ENTRY(TRACE_DA, TRACE_LEN, "trace:two"),
};
