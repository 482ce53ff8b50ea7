#include "text.h"

#include "warn.h"

#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static void
reserve(struct text *text, size_t more)
{
    size_t need = text->length + more + 1;

    if (need <= text->room)
        return;
    size_t room = text->room > 0 ? text->room : 64;
    while (room < need)
        room *= 2;
    char *bytes = realloc(text->bytes, room);
    if (bytes == NULL)
        die("%zu bytes of memory:", room);
    text->bytes = bytes;
    text->room = room;
}

void
text_add(struct text *text, const void *bytes, size_t length)
{
    reserve(text, length);
    if (length > 0)
        memcpy(text->bytes + text->length, bytes, length);
    text->length += length;
    text->bytes[text->length] = '\0';
}

static void
add_formatted(struct text *text, const char *format, va_list args)
{
    va_list again;

    va_copy(again, args);
    int length = vsnprintf(NULL, 0, format, args);
    if (length < 0)
        die("format \"%s\":", format);
    reserve(text, (size_t)length);
    vsnprintf(text->bytes + text->length, (size_t)length + 1, format, again);
    text->length += (size_t)length;
    va_end(again);
}

void
text_addf(struct text *text, const char *format, ...)
{
    va_list args;

    va_start(args, format);
    add_formatted(text, format, args);
    va_end(args);
}

const char *
text_string(const struct text *text)
{
    return text->bytes != NULL ? text->bytes : "";
}

void
text_free(struct text *text)
{
    free(text->bytes);
    *text = (struct text){0};
}

char *
text_format(const char *format, ...)
{
    struct text text = {0};
    va_list args;

    va_start(args, format);
    add_formatted(&text, format, args);
    va_end(args);
    return text.bytes;
}

char *
text_copy(const char *string)
{
    return string != NULL ? text_format("%s", string) : NULL;
}

void *
text_zeroed(size_t count, size_t size)
{
    void *memory = calloc(count > 0 ? count : 1, size);

    if (memory == NULL)
        die("%zu times %zu bytes of memory:", count, size);
    return memory;
}

static void
show_byte(struct text *text, unsigned char byte)
{
    static const char named[] = "\a\b\t\n\v\f\r\"\\";
    static const char letters[] = "abtnvfr\"\\";

    const char *at = byte != '\0' ? strchr(named, byte) : NULL;
    if (at != NULL)
        text_addf(text, "\\%c", letters[at - named]);
    else if (byte == '\0')
        text_addf(text, "\\0");
    else if (byte < ' ' || byte > '~')
        text_addf(text, "\\x%02x", byte);
    else
        text_add(text, &byte, 1);
}

void
text_show(struct text *text, const void *bytes, size_t length, size_t most)
{
    const unsigned char *byte = bytes;
    size_t shown = length < most ? length : most;

    text_addf(text, "\"");
    for (size_t i = 0; i < shown; i++)
        show_byte(text, byte[i]);
    text_addf(text, "\"");
    if (shown < length)
        text_addf(text, "... (%zu bytes)", length);
}

/* The length of the UTF-8 character at `s`, or 0 when it is broken. */
static size_t
utf8_length(const unsigned char *s, size_t left)
{
    if (s[0] < 0x80)
        return 1;
    size_t n = s[0] >= 0xf0 ? 4 : s[0] >= 0xe0 ? 3 : 2;
    if (s[0] < 0xc2 || s[0] > 0xf4 || n > left)
        return 0;
    for (size_t i = 1; i < n; i++) {
        if ((s[i] & 0xc0) != 0x80)
            return 0;
    }
    if ((s[0] == 0xe0 && s[1] < 0xa0) || (s[0] == 0xed && s[1] > 0x9f) ||
        (s[0] == 0xf0 && s[1] < 0x90) || (s[0] == 0xf4 && s[1] > 0x8f))
        return 0;
    return n;
}

size_t
text_utf8_end(const char *bytes, size_t length)
{
    const unsigned char *s = (const unsigned char *)bytes;
    size_t at = 0;

    while (at < length) {
        size_t n = utf8_length(s + at, length - at);
        if (n == 0)
            break;
        at += n;
    }
    return at;
}

void
text_add_clean(struct text *text, const char *string, size_t length)
{
    const unsigned char *s = (const unsigned char *)string;
    size_t at = 0;

    while (at < length) {
        size_t n = utf8_length(s + at, length - at);
        bool control = (s[at] < ' ' && s[at] != '\n' && s[at] != '\t') ||
                       s[at] == 0x7f ||
                       (n == 2 && s[at] == 0xc2 && s[at + 1] < 0xa0);
        if (n == 0 || control) {
            text_addf(text, "\\x%02x", s[at]);
            n = 1;
        } else {
            text_add(text, s + at, n);
        }
        at += n;
    }
}

static int
read_all(struct text *text, int fd, size_t most)
{
    char block[16384];
    ssize_t n;

    while ((n = read(fd, block, sizeof block)) != 0) {
        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0)
            return -1;
        if ((size_t)n > most) {
            errno = EFBIG;
            return -1;
        }
        most -= (size_t)n;
        text_add(text, block, (size_t)n);
    }
    return 0;
}

int
text_read_file(struct text *text, const char *path, size_t most)
{
    struct stat status;

    int fd = open(path, O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
    if (fd < 0)
        return -1;
    int result = fstat(fd, &status);
    if (result == 0 && !S_ISREG(status.st_mode)) {
        errno = EINVAL;
        result = -1;
    } else if (result == 0 && (uintmax_t)status.st_size > most) {
        errno = EFBIG;
        result = -1;
    }
    if (result == 0)
        result = read_all(text, fd, most);
    int error = errno;
    close(fd);
    errno = error;
    return result;
}

static int
write_all(int fd, const char *bytes, size_t length)
{
    while (length > 0) {
        ssize_t n = write(fd, bytes, length);
        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0)
            return -1;
        bytes += n;
        length -= (size_t)n;
    }
    return 0;
}

/* Not every file system can refuse to replace. */
static int
rename_to_new(const char *from, const char *to)
{
    int result = renameat2(AT_FDCWD, from, AT_FDCWD, to, RENAME_NOREPLACE);

    if (result == 0 || (errno != EINVAL && errno != ENOSYS))
        return result;
    if (faccessat(AT_FDCWD, to, F_OK, AT_SYMLINK_NOFOLLOW) != 0)
        return rename(from, to);
    errno = EEXIST;
    return -1;
}

static int
write_file(const char *path, const void *bytes, size_t length,
    int (*put)(const char *from, const char *to))
{
    char *fresh = text_format("%s.XXXXXX", path);
    int fd = mkostemp(fresh, O_CLOEXEC);
    int result = fd < 0 ? -1 : 0;

    if (result == 0)
        result = write_all(fd, bytes, length);
    if (result == 0)
        result = fchmod(fd, 0644);
    if (result == 0)
        result = fsync(fd);
    if (fd >= 0 && close(fd) != 0)
        result = -1;
    if (result == 0)
        result = put(fresh, path);
    int error = errno;
    if (result != 0 && fd >= 0)
        unlink(fresh);
    free(fresh);
    errno = error;
    return result;
}

int
text_write_file(const char *path, const void *bytes, size_t length)
{
    return write_file(path, bytes, length, rename);
}

int
text_make_file(const char *path, const void *bytes, size_t length)
{
    return write_file(path, bytes, length, rename_to_new);
}

const char *
text_ordinal(int number)
{
    static const char *const words[] = {"zeroth", "first", "second", "third",
        "fourth", "fifth", "sixth", "seventh", "eighth", "ninth", "tenth"};
    static char digits[24];
    bool teen = number / 10 % 10 == 1;
    int last = teen ? 0 : number % 10;

    if (number >= 0 && number <= 10)
        return words[number];
    snprintf(digits, sizeof digits, "%d%s", number,
        last == 1   ? "st"
        : last == 2 ? "nd"
        : last == 3 ? "rd"
                    : "th");
    return digits;
}
