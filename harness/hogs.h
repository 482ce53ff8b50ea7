#ifndef HOGS_H
#define HOGS_H

/*
 * Processes that do nothing but keep a processor busy, to try measurements
 * on a busy machine. Their number and their time are bounded, and they end
 * with this program, however it ends.
 */
enum { HOGS_MOST = 256 };
struct hogs;

/* Start so many (0 to HOGS_MOST); each ends by itself after `most_s` seconds
 * (1 or more) of processor time. Dies when that fails. They are no jobs, and
 * the sweeps (sweep.h) of this program spare them. */
struct hogs *hogs_start(int count, unsigned most_s);

/* End them, and wait for their end. hogs_stop(NULL) does nothing. */
void hogs_stop(struct hogs *hogs);

#endif
