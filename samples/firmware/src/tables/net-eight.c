/* Eight network vdevs, sixteen rings: more than hosts are usually tried with. The firmware itself sleeps. */
#include "image.h"
#include "net_vdev.h"
#include "resource_table.h"

const char image_name[] = "net-eight";

struct table {
    struct resource_table header;
    uint32_t offset[8];
    struct net_entry net[8];
};

#define NET_OFFSET(i) offsetof(struct table, net[i])

RESOURCE_TABLE struct table table = {
    .header = { .ver = 1, .num = 8 },
    .offset = { NET_OFFSET(0), NET_OFFSET(1), NET_OFFSET(2), NET_OFFSET(3),
                NET_OFFSET(4), NET_OFFSET(5), NET_OFFSET(6), NET_OFFSET(7) },
    .net = { NET_ENTRY(1, 16, 16), NET_ENTRY(2, 16, 16), NET_ENTRY(3, 16, 16), NET_ENTRY(4, 16, 16),
             NET_ENTRY(5, 16, 16), NET_ENTRY(6, 16, 16), NET_ENTRY(7, 16, 16), NET_ENTRY(8, 16, 16) },
};
