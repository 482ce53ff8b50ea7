#ifndef CLOCK_H
#define CLOCK_H

/* The monotonic clock, in seconds: for what is shown and for giving up on
 * programs that are stuck, never for a verdict on a program that moves. */
double clock_now_s(void);

/* The most memory this process has held at once (VmHWM), in KiB. */
long clock_peak_kib(void);

#endif
