/* Finds entries in the firmware's own table, the one copy that the host fills in. */
#include "resource_table.h"

extern volatile uint8_t __resource_table_start[], __resource_table_end[];   /* from the linker script */

volatile void *resource_find(uint32_t type, unsigned n, size_t payload_bytes)
{
    size_t size = (size_t)(__resource_table_end - __resource_table_start);
    if (size < sizeof(struct resource_table))
        return NULL;                            /* an empty section is legal: firmware that asks for nothing */

    volatile struct resource_table *table = (volatile struct resource_table *)__resource_table_start;
    volatile uint32_t *offset = (volatile uint32_t *)(table + 1);
    size_t count = (size - sizeof *table) / sizeof *offset;
    if (count > table->num)
        count = table->num;

    for (size_t i = 0; i < count; i++) {
        size_t at = offset[i];
        if (at % 4 != 0 || at > size || size - at < sizeof(uint32_t) + payload_bytes)
            continue;                           /* types of others need not be aligned, or as long */

        volatile uint32_t *entry = (volatile uint32_t *)(__resource_table_start + at);
        if (entry[0] == type && n-- == 0)
            return entry + 1;
    }
    return NULL;
}
