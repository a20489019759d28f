/* A trace buffer and nothing else: firmware without vdevs, which its consumer boots. */
#include "image.h"
#include "memory_map.h"
#include "resource_table.h"

const char image_name[] = "pm-trace-only";
TRACE_BUFFER;

struct table {
    struct resource_table header;
    uint32_t offset[1];
    struct trace_entry trace;
};

RESOURCE_TABLE struct table table = {
    .header = { .ver = 1, .num = 1 },
    .offset = { offsetof(struct table, trace) },
    .trace = TRACE_ENTRY(TRACE_DA, TRACE_LEN, "trace:pm"),
};
