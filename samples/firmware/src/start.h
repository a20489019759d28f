#ifndef START_H
#define START_H

/* Called with a stack and nothing else. */
__attribute__((noreturn)) void start(void);

#endif
