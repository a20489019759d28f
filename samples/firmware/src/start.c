/* The way from reset to main, in C as far as the core allows. The linker scripts define the boundaries. */
#include <stdint.h>
#include "start.h"

extern uint32_t __data_load[], __data_start[], __data_end[], __bss_start[], __bss_end[];

int main(void);

/*
 * Copies .data from where it was loaded to where it runs, when these differ; the resource table beside it is not copied,
 * because the host puts its filled-in copy straight at the run address and ours would undo that.
 * A loader that follows the ELF rules has cleared .bss already; a debugger may not have.
 */
void start(void)
{
    volatile uint32_t *to = __data_start;
    const volatile uint32_t *from = __data_load;
    if (to != from)
        while (to < __data_end)
            *to++ = *from++;
    for (to = __bss_start; to < __bss_end; to++)
        *to = 0;

    (void)main();
    for (;;) { }
}
