/* AArch64: caches and MMU stay off, so rings need no maintenance; the compiler is told to keep accesses aligned. */
    .section .text.start, "ax"
    .globl  reset_handler
reset_handler:
    ldr     x0, =__stack_top
    mov     sp, x0
    b       start
