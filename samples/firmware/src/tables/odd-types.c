/*
 * Entries that a host must step over: private types as vendors use them (4, 5, 77) and one of the vendor range (200).
 * Their payloads mean nothing here. The last one starts at an odd offset, which the format allows.
 */
#include "image.h"
#include "resource_table.h"
#include "rpmsg.h"

const char image_name[] = "odd-types";

struct table {
    struct resource_table header;
    uint32_t offset[5];
    struct { uint32_t type; uint32_t payload[2]; } four;
    struct { uint32_t type; uint32_t payload[4]; } five;
    struct vdev_entry rpmsg;
    struct { uint32_t type; uint8_t payload[7]; } __attribute__((packed)) seventy_seven;
    struct { uint32_t type; uint8_t payload[20]; } __attribute__((packed)) two_hundred;
};

RESOURCE_TABLE struct table table = {
    .header = { .ver = 1, .num = 5 },
    .offset = { offsetof(struct table, four), offsetof(struct table, five), offsetof(struct table, rpmsg),
                offsetof(struct table, seventy_seven), offsetof(struct table, two_hundred) },
    .four = { 4, { 0x10000000, 0x00020000 } },
    .five = { 5, { 0x10040000, 0x00004000, 0, 1 } },
    .rpmsg = VDEV_ENTRY(VIRTIO_ID_RPMSG, VIRTIO_RPMSG_F_NS, 0, FW_RSC_ADDR_ANY, FW_RSC_ADDR_ANY, 16, 16),
    .seventy_seven = { 77, "opaque" },
    .two_hundred = { 200, "vendor range: 128.." },
};
