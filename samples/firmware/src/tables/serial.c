/* A serial port to the remote processor, a console, and a trace buffer. This firmware serves rpmsg only, and sleeps. */
#include "image.h"
#include "memory_map.h"
#include "resource_table.h"
#include "serial_vdev.h"

const char image_name[] = "serial";
TRACE_BUFFER;

struct table {
    struct resource_table header;
    uint32_t offset[3];
    struct vdev_entry serial;
    struct vdev_entry console;
    struct trace_entry trace;
};

RESOURCE_TABLE struct table table = {
    .header = { .ver = 1, .num = 3 },
    .offset = { offsetof(struct table, serial), offsetof(struct table, console), offsetof(struct table, trace) },
    .serial = SERIAL_ENTRY(VIRTIO_ID_RPROC_SERIAL, 16, 16),
    .console = SERIAL_ENTRY(VIRTIO_ID_CONSOLE, 16, 16),
    .trace = TRACE_ENTRY(TRACE_DA, TRACE_LEN, "trace:serial"),
};
