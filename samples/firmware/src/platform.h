/*
 * The little that the firmware needs of its SoC: a doorbell each way, memory barriers, and sleep.
 *
 *   address            access      meaning
 *   DOORBELL_DA + 0    write       DOORBELL_TO_HOST: kick the host; the value is the notify id of the ring
 *   DOORBELL_DA + 4    read        DOORBELL_FROM_HOST: bit n set = notify id n was kicked; reading clears the register
 *
 * While DOORBELL_FROM_HOST is not zero the doorbell holds its interrupt line high. The firmware keeps interrupts masked
 * and never takes one: a pending line is enough to end a WFI. So nothing here runs concurrently with anything else.
 */
#ifndef PLATFORM_H
#define PLATFORM_H

#include <stdint.h>
#include "memory_map.h"

#ifdef DOORBELL_DA
#define DOORBELL_TO_HOST   (*(volatile uint32_t *)(DOORBELL_DA + 0))
#define DOORBELL_FROM_HOST (*(volatile uint32_t *)(DOORBELL_DA + 4))
#endif

#if defined(__arm__)

#define NVIC_ISER(irq) (*(volatile uint32_t *)(0xE000E100 + 4 * ((irq) / 32)))  /* set-enable */
#define NVIC_ICPR(irq) (*(volatile uint32_t *)(0xE000E280 + 4 * ((irq) / 32)))  /* clear-pending */
#if defined(__ARM_ARCH_7EM__)
#define HOST_IRQ 103u           /* the doorbell */
#else
#define HOST_IRQ 78u            /* the mailbox of the power-management processor */
#endif

static inline void platform_open(void)
{
    __asm__ volatile("cpsid i" ::: "memory");
    NVIC_ISER(HOST_IRQ) = 1u << (HOST_IRQ % 32);        /* only an enabled interrupt ends a WFI */
}

/* Forgets an interrupt that was never taken. Before the doorbell is read, or a kick in between would be forgotten too. */
static inline void platform_clear_pending(void) { NVIC_ICPR(HOST_IRQ) = 1u << (HOST_IRQ % 32); }
static inline void platform_barrier(void) { __asm__ volatile("dmb" ::: "memory"); }
static inline void platform_wait(void) { __asm__ volatile("dsb\n\twfi" ::: "memory"); }

#elif defined(__aarch64__)
/* The doorbell drives the core's IRQ input directly. The core comes out of reset with interrupts masked. */
static inline void platform_open(void) { }
static inline void platform_clear_pending(void) { }
static inline void platform_barrier(void) { __asm__ volatile("dmb sy" ::: "memory"); }
static inline void platform_wait(void) { __asm__ volatile("dsb sy\n\twfi" ::: "memory"); }

#elif defined(__riscv)
/* The doorbell drives the hart's machine external interrupt. mstatus.MIE is clear out of reset. */
static inline void platform_open(void) { __asm__ volatile("csrs mie, %0" :: "r"(1u << 11) : "memory"); }
static inline void platform_clear_pending(void) { }
static inline void platform_barrier(void) { __asm__ volatile("fence iorw, iorw" ::: "memory"); }
static inline void platform_wait(void) { __asm__ volatile("fence iorw, iorw\n\twfi" ::: "memory"); }

#endif

#ifdef DOORBELL_DA
/* All kicks since the last call. */
static inline uint32_t doorbell_take(void)
{
    platform_clear_pending();
    uint32_t kicks = DOORBELL_FROM_HOST;
    platform_barrier();         /* the kick first, then what it announces */
    return kicks;
}

static inline void doorbell_ring(uint32_t notifyid)
{
    platform_barrier();         /* what the kick announces first, then the kick */
    DOORBELL_TO_HOST = notifyid;
}
#endif

#endif
