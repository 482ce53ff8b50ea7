#include "sanitizer_undefined.h"

#include "sanitizer_match.h"
#include "text.h"

struct phrase {
    const char *pattern;
    const char *kind;
    const char *sentence;
};

/* The first that matches counts: a special one stands above a general. */
static const struct phrase phrases[] = {
    {"signed integer overflow: * cannot be represented in type '*'",
        "signed-integer-overflow",
        "The result of $1 does not fit in the type $2."},
    {"negation of * cannot be represented in type '*'",
        "signed-integer-overflow",
        "The negative of $1 does not fit in the type $2."},
    {"division of * by * cannot be represented in type '*'",
        "signed-integer-overflow",
        "The result of $1 / $2 does not fit in the type $3."},
    {"division by zero", "integer-divide-by-zero",
        "Your program divided by zero."},
    {"shift exponent * is too large for *-bit type '*'", "shift",
        "Your program shifted a value of $2 bits by $1 places; fewer than "
        "$2 are allowed."},
    {"shift exponent * is negative", "shift",
        "Your program shifted a value by $1 places; the number must not be "
        "negative."},
    {"left shift of negative value *", "shift",
        "Your program shifted the negative value $1 to the left."},
    {"left shift of * by * places cannot be represented in type '*'", "shift",
        "The result of $1 << $2 does not fit in the type $3."},
    {"index * out of bounds for type '* [*'", "bounds",
        "Index $1 lies outside the array, which has the type $2[$3."},
    {"index * out of bounds for type '*'", "bounds",
        "Index $1 lies outside the array, which has the type $2."},
    {"null pointer passed as argument *, which", "nonnull-attribute",
        "Your program passed NULL as argument $1 to a function that needs a "
        "real pointer there."},
    {"null pointer returned from function", "returns-nonnull-attribute",
        "A function of your program returned NULL, and it promises never to "
        "do so."},
    {"load of null pointer of type '*'", "null",
        "Your program read a value of type $1 through a pointer that is "
        "NULL."},
    {"store to null pointer of type '*'", "null",
        "Your program wrote a value of type $1 through a pointer that is "
        "NULL."},
    {"member access within null pointer of type '*'", "null",
        "Your program used a member of a $1 through a pointer that is NULL."},
    {"* null pointer of type '*'", "null",
        "Your program used a value of type $2 through a pointer that is "
        "NULL."},
    {"load of misaligned address * for type '*', which requires * byte",
        "alignment",
        "Your program read a value of type $2 at an address that is no "
        "multiple of $3."},
    {"store to misaligned address * for type '*', which requires * byte",
        "alignment",
        "Your program wrote a value of type $2 at an address that is no "
        "multiple of $3."},
    {"* misaligned address * for type '*', which requires * byte", "alignment",
        "Your program used a value of type $3 at an address that is no "
        "multiple of $4."},
    {"load of value *, which is not a valid value for type 'bool'",
        "invalid-bool-load",
        "A bool of your program holds $1, and it can hold only 0 and 1. Was "
        "it ever set?"},
    {"load of value *, which is not a valid value for type '_Bool'",
        "invalid-bool-load",
        "A bool of your program holds $1, and it can hold only 0 and 1. Was "
        "it ever set?"},
    {"load of value *, which is not a valid value for type '*'",
        "invalid-enum-load",
        "A variable of type $2 holds $1, which is none of its values. Was "
        "it ever set?"},
    {"execution reached an unreachable program point", "unreachable",
        "Your program came to a point that it promises never to reach."},
    {"execution reached the end of a value-returning function", "return",
        "A function of your program ended without returning its value."},
    {"variable length array bound evaluates to non-positive value *",
        "vla-bound", "Your program made an array of $1 elements."},
    {"applying * offset * to null pointer", "pointer-overflow",
        "Your program added $2 to a pointer that is NULL."},
    {"applying zero offset to null pointer", "pointer-overflow",
        "Your program added 0 to a pointer that is NULL."},
    {"* overflowed to *", "pointer-overflow",
        "Your program moved a pointer past the end of all memory."},
    {"pointer index expression with base *", "pointer-overflow",
        "Your program moved a pointer past the end of all memory."},
    {"passing zero to *, which is not a valid argument", "builtin",
        "Your program passed 0 to $1, which is not defined for it."},
    {"load of address * with insufficient space for an object of type '*'",
        "object-size",
        "Your program read a value of type $2 where there is too little "
        "room for one."},
    {"store to address * with insufficient space for an object of type '*'",
        "object-size",
        "Your program wrote a value of type $2 where there is too little "
        "room for one."},
    {"* address * with insufficient space for an object of type '*'",
        "object-size",
        "Your program used a value of type $3 where there is too little "
        "room for one."},
    {"call to function * through pointer to incorrect function type '*'",
        "function",
        "Your program called $1() through a pointer of another type, $2."},
    {"* is outside the range of representable values of type '*'",
        "float-cast-overflow", "$1 does not fit in the type $2."},
};

void
sanitizer_undefined(const char *report, char **kind, char **cause)
{
    struct captures c;

    for (size_t i = 0; i < sizeof phrases / sizeof phrases[0]; i++) {
        if (sanitizer_match(report, phrases[i].pattern, &c) == NULL)
            continue;
        *kind = text_copy(phrases[i].kind);
        *cause = sanitizer_fill(phrases[i].sentence, &c);
        return;
    }
    *kind = text_copy("undefined-behavior");
    if (sanitizer_match(report, "*", &c) != NULL && c.text[0][0] != '\0')
        *cause = text_format("Your program did something that C does not "
                             "define: %s.",
            c.text[0]);
    else
        *cause = text_copy("Your program did something that C does not "
                           "define.");
}
