/* One rpmsg vdev and a trace buffer: the usual table of firmware that talks to Linux. */
#include "image.h"
#include "memory_map.h"
#include "resource_table.h"
#include "rpmsg.h"

const char image_name[] = "rpmsg-echo";
TRACE_BUFFER;

struct table {
    struct resource_table header;
    uint32_t offset[2];
    struct vdev_entry rpmsg;
    struct trace_entry trace;
};

RESOURCE_TABLE struct table table = {
    .header = { .ver = 1, .num = 2 },
    .offset = { offsetof(struct table, rpmsg), offsetof(struct table, trace) },
    .rpmsg = VDEV_ENTRY(VIRTIO_ID_RPMSG, VIRTIO_RPMSG_F_NS, 0, FW_RSC_ADDR_ANY, FW_RSC_ADDR_ANY, 16, 16),
    .trace = TRACE_ENTRY(TRACE_DA, TRACE_LEN, "trace:echo"),
};
