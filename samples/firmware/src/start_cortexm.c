/* Cortex-M: the core itself loads the stack pointer and the entry point from the first two words of the vector table. */
#include <stdint.h>
#include "start.h"
#include "trace.h"

extern uint32_t __stack_top[];

__attribute__((noreturn)) void reset_handler(void) { start(); }

/* A fault ends the firmware; the log says so, and the host's watchdog does the rest. */
__attribute__((noreturn)) static void fault_handler(void)
{
    trace_text("fault\n");
    for (;;)
        __asm__ volatile("wfi");
}

/* The architecture's sixteen words. There are none for peripherals: interrupts stay masked (see platform.h). */
__attribute__((section(".vectors"), used)) static const void *const vectors[16] = {
    __stack_top, reset_handler,
    fault_handler, fault_handler, fault_handler, fault_handler, fault_handler,  /* NMI, hard, memory, bus, usage fault */
    0, 0, 0, 0,
    fault_handler, fault_handler, 0, fault_handler, fault_handler,              /* SVCall, debug, PendSV, SysTick */
};
