/* What each image brings beside its resource table. */
#ifndef IMAGE_H
#define IMAGE_H

extern const char image_name[];         /* first word of the boot line in the trace buffer */

/* The memory behind a trace entry at TRACE_DA. The linker scripts put it there, and check that they did. */
#define TRACE_BUFFER char trace_buffer[TRACE_LEN] __attribute__((section(".bss.trace"), used))

#endif
