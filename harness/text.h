#ifndef TEXT_H
#define TEXT_H

#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>

/*
 * A growing run of bytes, always followed by a NUL that does not count.
 *
 * `struct text t = {0};` is empty and ready. Memory that cannot be had ends
 * the program (warn.h), so nothing here returns an error for want of it.
 */
struct text {
    char *bytes; /* NULL while nothing was added */
    size_t length;
    size_t room;
};

/* Append `length` bytes, or a formatted string. */
void text_add(struct text *text, const void *bytes, size_t length);
void text_addf(struct text *text, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/* The bytes as a C string: "" while nothing was added. Owned by `text`. */
const char *text_string(const struct text *text);

/* Give the memory back; the text is empty and ready again. */
void text_free(struct text *text);

/* A new formatted string, and a copy of one (NULL stays NULL). The caller
 * frees them. */
char *text_format(const char *format, ...)
    __attribute__((format(printf, 1, 2)));
char *text_copy(const char *string);

/* Zeroed memory for `count` things of `size` bytes; the caller frees it. */
void *text_zeroed(size_t count, size_t size);

/*
 * Append `length` bytes as a person can read them: printable ASCII as it
 * is, everything else as a C escape (\n, \0, \xff), and after `most` bytes
 * "… (N bytes)". The result is safe for a terminal, JSON and XML.
 */
void text_show(
    struct text *text, const void *bytes, size_t length, size_t most);

/*
 * Append `string` for a person's terminal: UTF-8 and newlines stay, control
 * bytes and broken UTF-8 become escapes.
 */
void text_add_clean(struct text *text, const char *string, size_t length);

/* "fifth" for 5, "33rd" for 33. Valid until the next call. */
const char *text_ordinal(int number);

/* Where the first byte that is not UTF-8 stands (RFC 3629: no surrogates,
 * no overlong forms), or `length` when all of it is. */
size_t text_utf8_end(const char *bytes, size_t length);

/*
 * Read a whole regular file of at most `most` bytes.
 * Returns 0, or -1 with errno: EFBIG when it is larger, EINVAL when it is
 * not a regular file (a symbolic link to one is followed; a FIFO or device
 * is never read), else what open or read said.
 */
int text_read_file(struct text *text, const char *path, size_t most);

/*
 * Write a file whole or not at all: a new file beside it, synced and
 * renamed. Returns 0, or -1 with errno and the old file as it was.
 */
int text_write_file(const char *path, const void *bytes, size_t length);

/* Likewise where nothing is there yet; EEXIST when something is, which stays
 * as it was, even if it came only just now. */
int text_make_file(const char *path, const void *bytes, size_t length);

#endif
