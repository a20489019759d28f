/*
 * Where things are, as the remote core sees them (device addresses). Read by the C sources and by the linker scripts.
 *
 * The loader must know these windows, because segments, the trace buffer and the resource table lie in them.
 */
#ifndef MEMORY_MAP_H
#define MEMORY_MAP_H

#if defined(__ARM_ARCH_7EM__)
/* Cortex-M4 of an STM32MP1-like SoC. Its reset vector is at 0, in retention RAM. SRAM3 (0x10040000, 64 KiB) is left
   to the host for rings and message buffers. */
#define RETRAM_DA   0x00000000
#define RETRAM_LEN  0x00010000
#define CODE_DA     0x10000000  /* SRAM1 */
#define CODE_LEN    0x00020000
#define DATA_DA     0x10020000  /* SRAM2, lower half: resource table and .data */
#define DATA_LEN    0x00010000
#define ZERO_DA     0x10030000  /* SRAM2, upper half: trace buffer, .bss, stack */
#define ZERO_LEN    0x00010000
#define DOORBELL_DA 0x4C001000

#elif defined(__ARM_ARCH_7M__)
/* Cortex-M3 of an AM335x-like SoC: the power-management processor, with two small memories of its own. */
#define CODE_DA     0x00000000  /* UMEM */
#define CODE_LEN    0x00004000
#define DATA_DA     0x00080000  /* DMEM, first 2 KiB: resource table */
#define DATA_LEN    0x00000800
#define ZERO_DA     0x00080800  /* DMEM, the rest of 8 KiB: trace buffer, stack */
#define ZERO_LEN    0x00001800
#define IPC_DA      0x44E11328  /* eight message registers in the control module, shared with the host */

#elif defined(__aarch64__)
/* A Cortex-A53 used as a signal processor, in reserved DRAM, behind an IOMMU that maps what its table lists. */
#define CODE_DA     0x7F000000
#define CODE_LEN    0x00080000
#define DATA_DA     0x7F080000
#define DATA_LEN    0x00040000
#define ZERO_DA     0x7F0C0000
#define ZERO_LEN    0x00040000
#define VRING0_DA   0x7FE00000  /* 10,246 bytes each when num is 256 and align 4096: three pages of the four */
#define VRING1_DA   0x7FE04000
#define DOORBELL_DA 0x40000000

#elif defined(__riscv)
/* One hart of a 64-bit RISC-V SoC, in DRAM that the host's device tree reserves. */
#define CODE_DA     0x91C00000
#define CODE_LEN    0x00080000
#define DATA_DA     0x91C80000
#define DATA_LEN    0x00040000
#define ZERO_DA     0x91CC0000
#define ZERO_LEN    0x00040000
#define DOORBELL_DA 0x4C001000

#else
#error "no memory map for this core"
#endif

/* The linker scripts place the trace buffer first in the zero-filled memory, so that tables can name its address. */
#define TRACE_DA  ZERO_DA
#define TRACE_LEN 0x00000800

#endif
