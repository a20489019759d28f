/*
 * A power-management processor as on AM335x: no vdev, no messages in memory. It says which firmware it is in an IPC
 * register, raises its event line, and then answers each mailbox interrupt of the host with an event.
 */
#include "image.h"
#include "platform.h"
#include "trace.h"

#define VERSION 0x0192u                 /* the host's driver asks for 0x191 or later, in the low half of register 2 */
#define IPC_REG(n) (((volatile uint32_t *)IPC_DA)[n])

/* SEV is wired to the host's "transmit event" interrupt. What was written must be there when it looks. */
static void raise_event(void)
{
    __asm__ volatile("dsb\n\tsev" ::: "memory");
}

int main(void)
{
    platform_open();
    trace_open();
    trace_text(image_name);
    trace_text(": boot\n");

    IPC_REG(2) = VERSION;
    raise_event();

    for (;;) {
        platform_wait();
        platform_clear_pending();
        raise_event();
    }
}
