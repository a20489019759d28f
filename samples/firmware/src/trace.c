#include "trace.h"
#include "resource_table.h"

static volatile char *buffer;
static uint32_t left;                   /* bytes that may still be written; the last byte stays NUL */

void trace_open(void)
{
    volatile struct fw_rsc_trace *trace = resource_find(RSC_TRACE, 0, sizeof *trace);
    if (trace == NULL || trace->len == 0)
        return;
    buffer = (volatile char *)(uintptr_t)trace->da;
    left = trace->len - 1;
}

/* When the buffer is full the newest text is dropped: how the firmware booted is worth more than its latest echo. */
void trace_text(const char *text)
{
    for (; left > 0 && *text != '\0'; left--)
        *buffer++ = *text++;
}

void trace_number(unsigned value)
{
    char digits[11];
    char *first = &digits[10];
    *first = '\0';
    do {
        *--first = (char)('0' + value % 10);
        value /= 10;
    } while (value != 0);
    trace_text(first);
}
