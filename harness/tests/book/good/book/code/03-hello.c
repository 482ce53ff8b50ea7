#include <stdio.h>

int
main(void) /* @main */
{
    puts("<hello> & goodbye");
}
