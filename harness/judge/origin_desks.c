#include "judge/origin_desks.h"

int64_t
origin_desks_wait(struct origin_desks *desks, int64_t now_ns, int64_t takes_ns)
{
    int first = 0;

    if (desks->count == 0)
        return 0;
    for (int i = 1; i < desks->count; i++) {
        if (desks->free_at[i] < desks->free_at[first])
            first = i;
    }
    int64_t begins_ns =
        desks->free_at[first] > now_ns ? desks->free_at[first] : now_ns;
    desks->free_at[first] = begins_ns + takes_ns;
    return begins_ns - now_ns;
}
