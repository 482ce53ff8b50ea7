/* expect: compile error: does not compile */
/* The compiler is fed a file without end. */
#include "/dev/zero"

#include "first.h"
