/* RISC-V: interrupts are masked out of reset (mstatus.MIE is 0). No global pointer is used. */
    .section .text.start, "ax"
    .globl  reset_handler
reset_handler:
    la      sp, __stack_top
    j       start
