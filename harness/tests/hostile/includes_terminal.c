/* expect: compile error: does not compile */
/* The compiler is to read from the user's terminal, and to wait for it. */
#include "/dev/tty"

#include "first.h"
