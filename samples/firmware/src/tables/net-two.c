/* Two network vdevs, which a host may join to one wire, and a trace buffer. This firmware serves rpmsg only, and sleeps. */
#include "image.h"
#include "memory_map.h"
#include "net_vdev.h"
#include "resource_table.h"

const char image_name[] = "net-two";
TRACE_BUFFER;

struct table {
    struct resource_table header;
    uint32_t offset[3];
    struct net_entry net[2];
    struct trace_entry trace;
};

RESOURCE_TABLE struct table table = {
    .header = { .ver = 1, .num = 3 },
    .offset = { offsetof(struct table, net[0]), offsetof(struct table, net[1]), offsetof(struct table, trace) },
    .net = { NET_ENTRY(1, 16, 64), NET_ENTRY(2, 16, 64) },
    .trace = TRACE_ENTRY(TRACE_DA, TRACE_LEN, "trace:net"),
};
