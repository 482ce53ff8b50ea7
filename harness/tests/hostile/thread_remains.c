/* expect: time limit exceeded: nothing will wake it */
/* The first thread ends, and another one sleeps on. */
/* only: an_error_is_handed_on: a hang lasts two seconds a test */
#include "../../harness/tests/hostile/raw.h"

static char stack[4096] __attribute__((aligned(16)));

static long
start_sleeper(void)
{
    long number = SYS_clone;

#ifdef __x86_64__
    __asm__ volatile(
        "syscall\n\t"
        "test %%rax, %%rax\n\t"
        "jnz 1f\n"
        "0:\tmov %[sleep], %%eax\n\t"
        "xor %%edi, %%edi\n\t"
        "xor %%esi, %%esi\n\t"
        "xor %%edx, %%edx\n\t"
        "xor %%r10d, %%r10d\n\t"
        "syscall\n\t"
        "jmp 0b\n"
        "1:"
        : "+a"(number)
        : "D"(0x10f00L), "S"(stack + sizeof stack), [sleep] "i"(SYS_ppoll)
        : "rcx", "rdx", "r10", "r11", "memory");
#else /* aarch64 */
    register long x8 __asm__("x8") = number;
    register long x0 __asm__("x0") = 0x10f00;
    register long x1 __asm__("x1") = (long)(stack + sizeof stack);

    __asm__ volatile("svc 0\n\t"
                     "cbnz x0, 1f\n"
                     "0:\tmov x8, %[sleep]\n\t"
                     "mov x0, 0\n\tmov x1, 0\n\tmov x2, 0\n\tmov x3, 0\n\t"
                     "svc 0\n\t"
                     "b 0b\n"
                     "1:"
                     : "+r"(x0)
                     : "r"(x8), "r"(x1), [sleep] "i"(SYS_ppoll)
                     : "x2", "x3", "memory");
    number = x0;
#endif
    return number;
}

int
first_byte(int fd, int timeout_ms)
{
    start_sleeper();
    RAW(SYS_exit, 0);
    return fd + timeout_ms;
}
