/* expect: compile error: needed more memory than it may have */
/* The compiler is fed a file without end. */
#include "/dev/zero"

#include "first.h"
