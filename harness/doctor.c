#include "doctor.h"

#include "spawn.h"
#include "warn.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

const char doctor_setup[] = "sh harness/setup";
const char doctor_setup_recommended[] = "sh harness/setup --recommended";

static char *scratch;

void
doctor_found(struct finding *finding, enum level level, const char *remedy,
    const char *format, ...)
{
    va_list args;
    char line[512];

    va_start(args, format);
    vsnprintf(line, sizeof line, format, args);
    va_end(args);
    finding->level = level;
    finding->remedy = remedy;
    text_free(&finding->says);
    text_add_clean(&finding->says, line, strlen(line));
}

void
doctor_open(void)
{
    const char *elsewhere = getenv("TMPDIR");

    if (elsewhere == NULL || elsewhere[0] == '\0')
        elsewhere = "/tmp";
    mkdir("build", 0777);
    scratch = text_copy("build/doctor-XXXXXX");
    if (mkdtemp(scratch) != NULL)
        return;
    free(scratch);
    scratch = text_format("%s/lab-doctor-XXXXXX", elsewhere);
    if (mkdtemp(scratch) == NULL)
        die("make a folder in build/ or in %s:", elsewhere);
}

void
doctor_close(void)
{
    const char *const argv[] = {"rm", "-rf", scratch, NULL};
    struct spawn spawn = spawn_plain(argv);
    struct outcome outcome;

    pid_t pid = spawn_start(&spawn);
    if (pid < 0 || spawn_wait(pid, &outcome) != 0)
        warn("remove %s:", scratch);
    free(scratch);
    scratch = NULL;
}

int
doctor_run(struct text *said, const char *const *argv)
{
    struct spawn spawn = spawn_plain(argv);
    struct outcome outcome;

    text_free(said);
    spawn.dir = scratch;
    spawn.fixed_addresses = true; /* as sanitized programs are run */
    if (spawn_capture(&spawn, 30, said, 65536, &outcome) != 0) {
        text_addf(said, "%s: %s", argv[0], strerror(errno));
        return -1;
    }
    if (!outcome.exited)
        text_addf(said, "%s: %s", argv[0], strsignal(outcome.status));
    return outcome.exited ? outcome.status : -1;
}

bool
doctor_compiles(struct text *said, const char *source, const char *const *argv)
{
    char *path = text_format("%s/try.c", scratch);
    int written = text_write_file(path, source, strlen(source));

    if (written != 0)
        warn("write %s:", path);
    free(path);
    return written == 0 && doctor_run(said, argv) == 0;
}

const char *
doctor_line(struct text *said)
{
    if (said->bytes == NULL)
        return "";
    said->length = strcspn(said->bytes, "\n");
    said->bytes[said->length] = '\0';
    return said->bytes;
}
