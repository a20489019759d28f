/*
 * The resource table: what this firmware asks of the processor that loads it, and what it is told in return.
 *
 *   offset  bytes  field
 *        0      4  ver        1
 *        4      4  num        entries
 *        8      8  reserved   0
 *       16  4*num  offset[]   of each entry, in bytes from the start of the table
 *
 * An entry is one 32-bit type word followed by its payload. Integers are little-endian. All fields fall on their
 * natural alignment, so plain C structs have the layout of the wire; the assertions below hold them to it.
 *
 * Source: the layout documented in Linux include/linux/rsc_table.h; older kernels keep it in include/linux/remoteproc.h.
 */
#ifndef RESOURCE_TABLE_H
#define RESOURCE_TABLE_H

#include <stddef.h>
#include <stdint.h>

#define RSC_CARVEOUT 0u
#define RSC_DEVMEM   1u
#define RSC_TRACE    2u
#define RSC_VDEV     3u

#define FW_RSC_ADDR_ANY 0xFFFFFFFFu     /* "you choose": the host writes the address it chose over it */

struct resource_table {
    uint32_t ver;
    uint32_t num;
    uint32_t reserved[2];
};

struct fw_rsc_carveout {                /* memory the firmware needs; the host writes da, pa and len back */
    uint32_t da, pa, len;
    uint32_t flags;                     /* IOMMU protection bits: read 1, write 2, MMIO 16 */
    uint32_t reserved;
    char     name[32];
};

struct fw_rsc_devmem {                  /* registers the firmware needs mapped; only behind an IOMMU */
    uint32_t da, pa, len;
    uint32_t flags;
    uint32_t reserved;
    char     name[32];
};

struct fw_rsc_trace {                   /* where the firmware writes its log, as text that ends with a NUL */
    uint32_t da, len;
    uint32_t reserved;
    char     name[32];
};

struct fw_rsc_vdev_vring {
    uint32_t da;                        /* the host writes where it put the ring */
    uint32_t align;                     /* of the used ring, a power of two */
    uint32_t num;                       /* descriptors, a power of two */
    uint32_t notifyid;                  /* the host writes the number that a kick carries */
    uint32_t pa;
};

struct fw_rsc_vdev {                    /* followed by num_of_vrings rings, then config_len bytes of config space */
    uint32_t id;                        /* virtio device id: 1 network, 7 rpmsg */
    uint32_t notifyid;
    uint32_t dfeatures;                 /* offered by the firmware */
    uint32_t gfeatures;                 /* accepted by the host */
    uint32_t config_len;
    uint8_t  status;                    /* virtio device status, written by the host */
    uint8_t  num_of_vrings;
    uint8_t  reserved[2];
};

_Static_assert(sizeof(struct resource_table) == 16, "table header");
_Static_assert(sizeof(struct fw_rsc_carveout) == 52, "carveout");
_Static_assert(sizeof(struct fw_rsc_devmem) == 52, "devmem");
_Static_assert(sizeof(struct fw_rsc_trace) == 44, "trace");
_Static_assert(sizeof(struct fw_rsc_vdev_vring) == 20, "vring");
_Static_assert(sizeof(struct fw_rsc_vdev) == 24 && offsetof(struct fw_rsc_vdev, status) == 20, "vdev");

/* Entries as tables are composed of them: the type word, then the payload. */
struct carveout_entry { uint32_t type; struct fw_rsc_carveout carveout; };
struct devmem_entry   { uint32_t type; struct fw_rsc_devmem devmem; };
struct trace_entry    { uint32_t type; struct fw_rsc_trace trace; };
struct vdev_entry     { uint32_t type; struct fw_rsc_vdev vdev; struct fw_rsc_vdev_vring vring[2]; };

_Static_assert(sizeof(struct vdev_entry) == 4 + 24 + 2 * 20, "vdev entry with two rings");

/* The table is the host's to write while the firmware runs: it lives in RAM, and its section is found by this name. */
#define RESOURCE_TABLE __attribute__((section(".resource_table"), used, aligned(4)))

/* A vdev with two rings; ring addresses and notify ids are the host's to fill in unless a table says otherwise. */
#define VDEV_ENTRY(device, features, config_bytes, da0, da1, alignment, descriptors) {              \
    .type = RSC_VDEV,                                                                               \
    .vdev = { .id = (device), .dfeatures = (features), .config_len = (config_bytes), .num_of_vrings = 2 }, \
    .vring = { { .da = (da0), .align = (alignment), .num = (descriptors) },                         \
               { .da = (da1), .align = (alignment), .num = (descriptors) } } }

#define TRACE_ENTRY(address, length, title) {                                                       \
    .type = RSC_TRACE, .trace = { .da = (address), .len = (length), .name = title } }

/*
 * The payload of the table's n-th entry of a type, or NULL when there are fewer. Reads the table in place, because the
 * host writes into it; an entry whose payload (at least payload_bytes) would leave the section counts as absent.
 */
volatile void *resource_find(uint32_t type, unsigned n, size_t payload_bytes);

#endif
