#include "clock.h"

#include <stdio.h>
#include <time.h>

double
clock_now_s(void)
{
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

long
clock_peak_kib(void)
{
    char line[128];
    long kib = 0;

    FILE *file = fopen("/proc/self/status", "re");
    while (file != NULL && fgets(line, sizeof line, file) != NULL) {
        if (sscanf(line, "VmHWM: %ld", &kib) == 1)
            break;
    }
    if (file != NULL)
        fclose(file);
    return kib;
}
