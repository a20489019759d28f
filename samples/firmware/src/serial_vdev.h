/* A vdev that carries bytes: an rproc-serial port, or a console. Neither has features or config space here (VIRTIO 1.3, 5.3). */
#ifndef SERIAL_VDEV_H
#define SERIAL_VDEV_H

#include "resource_table.h"

#define VIRTIO_ID_CONSOLE      3u
#define VIRTIO_ID_RPROC_SERIAL 11u

#define SERIAL_ENTRY(id, alignment, descriptors) \
    VDEV_ENTRY(id, 0, 0, FW_RSC_ADDR_ANY, FW_RSC_ADDR_ANY, alignment, descriptors)

#endif
