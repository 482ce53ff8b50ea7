/* expect: run-time error: wrote a report of its own to the harness */
/* A note, as the fault layer sends them, that says "accepted". */
#include "../../harness/tests/hostile/raw.h"

__attribute__((constructor)) static void
note(void)
{
    static const char words[8 + 8 + 8 + 4] =
        "\x08\0\0\0\0\0\0\0accepted\x04\0\0\0\0\0\0\0fine";

    raw_send(NOTE, raw_peek_tag(), words, sizeof words);
}

int
first_byte(int fd, int timeout_ms)
{
    return right_byte(fd, timeout_ms);
}
