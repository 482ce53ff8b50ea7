#ifndef RAW_CALL_H
#define RAW_CALL_H

/* System calls that `nm` cannot see, for hostile submissions. */
#include <signal.h>
#include <sys/syscall.h>

/* One system call: its number and up to six arguments; what the kernel
 * returns, -errno included. */
#define RAW(...) RAW_SIX(__VA_ARGS__, 0, 0, 0, 0, 0, 0, 0)
#define RAW_SIX(n, a, b, c, d, e, f, ...) \
    raw_call((long)(n), (long)(a), (long)(b), (long)(c), (long)(d), \
        (long)(e), (long)(f))

static inline long
raw_call(long n, long a, long b, long c, long d, long e, long f)
{
#ifdef __x86_64__
    register long r10 __asm__("r10") = d;
    register long r8 __asm__("r8") = e;
    register long r9 __asm__("r9") = f;

    __asm__ volatile("syscall"
                     : "+a"(n)
                     : "D"(a), "S"(b), "d"(c), "r"(r10), "r"(r8), "r"(r9)
                     : "rcx", "r11", "memory");
    return n;
#else /* aarch64 */
    register long x8 __asm__("x8") = n;
    register long x0 __asm__("x0") = a;
    register long x1 __asm__("x1") = b;
    register long x2 __asm__("x2") = c;
    register long x3 __asm__("x3") = d;
    register long x4 __asm__("x4") = e;
    register long x5 __asm__("x5") = f;

    __asm__ volatile("svc 0"
                     : "+r"(x0)
                     : "r"(x8), "r"(x1), "r"(x2), "r"(x3), "r"(x4), "r"(x5)
                     : "memory");
    return x0;
#endif
}

static inline long
raw_fork(void)
{
    return RAW(SYS_clone, SIGCHLD);
}

#endif
