/* The firmware's log: text in the trace buffer that its resource table names. The host reads it up to the first NUL. */
#ifndef TRACE_H
#define TRACE_H

void trace_open(void);                  /* without a trace entry in the table, the rest does nothing */
void trace_text(const char *text);
void trace_number(unsigned value);      /* decimal */

#endif
