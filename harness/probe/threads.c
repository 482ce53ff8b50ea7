#include "probe/faults.h"

#include <pthread.h>
#include <sched.h>

/*
 * Threads that wait for each other. A wait on a condition may end without
 * a reason (pthread_cond_wait(3), "spurious wakeup"); it hardly ever does,
 * and so programs that do not look again seem to work.
 */
int __wrap_pthread_cond_wait(pthread_cond_t *cond, pthread_mutex_t *lock);

int
__wrap_pthread_cond_wait(pthread_cond_t *cond, pthread_mutex_t *lock)
{
    struct fault_action action = faults_take(WRAPPED_pthread_cond_wait);

    if (action.fault == FAULT_NONE)
        return pthread_cond_wait(cond, lock);
    pthread_mutex_unlock(lock);
    sched_yield();
    return pthread_mutex_lock(lock);
}
