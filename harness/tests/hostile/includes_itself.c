/* expect: compile error: does not compile */
/* It includes itself. */
#include "first.h"
#include __FILE__
