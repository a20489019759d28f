/*
 * Fixed addresses throughout: two carveouts, a register block and two rings, as a core behind an IOMMU asks for them.
 * The register block is the doorbell's. Without an IOMMU a host refuses the devmem entry, and with it the image.
 */
#include "image.h"
#include "memory_map.h"
#include "resource_table.h"
#include "rpmsg.h"

const char image_name[] = "carveouts-fixed";

#define IOMMU_READ  1u
#define IOMMU_WRITE 2u
#define IOMMU_MMIO  16u

struct table {
    struct resource_table header;
    uint32_t offset[4];
    struct carveout_entry heap;
    struct carveout_entry pool;
    struct devmem_entry doorbell;
    struct vdev_entry rpmsg;
};

RESOURCE_TABLE struct table table = {
    .header = { .ver = 1, .num = 4 },
    .offset = { offsetof(struct table, heap), offsetof(struct table, pool),
                offsetof(struct table, doorbell), offsetof(struct table, rpmsg) },
    .heap = { RSC_CARVEOUT, { .da = 0x80000000, .pa = FW_RSC_ADDR_ANY, .len = 0x100000,
                              .flags = IOMMU_READ | IOMMU_WRITE, .name = "dsp-heap" } },
    .pool = { RSC_CARVEOUT, { .da = 0x80100000, .pa = FW_RSC_ADDR_ANY, .len = 0x40000,
                              .flags = IOMMU_READ | IOMMU_WRITE, .name = "dsp-pool" } },
    .doorbell = { RSC_DEVMEM, { .da = DOORBELL_DA, .pa = DOORBELL_DA, .len = 0x1000,
                                .flags = IOMMU_READ | IOMMU_WRITE | IOMMU_MMIO, .name = "doorbell" } },
    .rpmsg = VDEV_ENTRY(VIRTIO_ID_RPMSG, VIRTIO_RPMSG_F_NS, 0, VRING0_DA, VRING1_DA, 4096, 256),
};
