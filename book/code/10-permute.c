#include <stdio.h>
#include <string.h>

/*
 * Two loops of eight items in four orders. Of one the result is always
 * the same; of the other it is not.
 */
enum { ITEMS = 8 };

static const int value[ITEMS] = {3, 1, 4, 1, 5, 9, 2, 6};
static int square[ITEMS], sum[ITEMS];

/* book: items */
static void
square_item(int i)
{
    square[i] = value[i] * value[i];
}

static void
sum_item(int i)
{
    sum[i] = value[i] + (i > 0 ? sum[i - 1] : 0); /* @before */
}
/* book: end items */

static void
show(const char *order)
{
    printf("%-10s squares", order);
    for (int i = 0; i < ITEMS; i++)
        printf(" %2d", square[i]);
    printf("   sums");
    for (int i = 0; i < ITEMS; i++)
        printf(" %2d", sum[i]);
    printf("\n");
    memset(square, 0, sizeof square);
    memset(sum, 0, sizeof sum);
}

int
main(void)
{
    static const int drawn[ITEMS] = {5, 0, 7, 2, 6, 1, 4, 3};

    for (int i = 0; i < ITEMS; i++) {
        square_item(i);
        sum_item(i);
    }
    show("forwards");
    for (int i = ITEMS - 1; i >= 0; i--) {
        square_item(i);
        sum_item(i);
    }
    show("backwards");
    /* book: drawn */
    for (int k = 0; k < ITEMS; k++) {
        square_item(drawn[k]);
        sum_item(drawn[k]);
    }
    /* book: end drawn */
    show("as drawn");
    return 0;
}
