/* expect: wrong answer: first_byte() returned */
/* Folders in folders, deeper than a path may be long (4096). */
/* only: the_end_of_the_input_is_no_byte: folders by the thousand a test */
#include "../../harness/tests/hostile/raw.h"

int
first_byte(int fd, int timeout_ms)
{
    for (int i = 0; i < 1000; i++) {
        RAW(SYS_mkdirat, -100, "deep", 0700);
        RAW(SYS_chdir, "deep");
    }
    return -fd - timeout_ms;
}
