#ifndef CMD_H
#define CMD_H

#include <stdbool.h>
#include <stdint.h>

struct catalogue;
struct lab;

/*
 * The commands of `lab`. Each takes its own name as argv[0], prints its
 * usage and returns 0 for --help, and returns the program's exit status:
 * 0 fine, 1 a learner's program was not accepted, 2 the harness or the
 * machine is at fault.
 */
int cmd_check(int argc, char **argv);
int cmd_time(int argc, char **argv);
int cmd_run(int argc, char **argv);
int cmd_watch(int argc, char **argv);
int cmd_hint(int argc, char **argv);
int cmd_reset(int argc, char **argv);
int cmd_solution(int argc, char **argv);
int cmd_history(int argc, char **argv);
int cmd_progress(int argc, char **argv);
int cmd_doctor(int argc, char **argv);
int cmd_new(int argc, char **argv);

/* The lab of that name (lab_find); dies naming all labs when there is
 * none. */
const struct lab *cmd_lab(const struct catalogue *catalogue, const char *name);

/* An option: one without a value says in `*given` that it was there, one
 * with a value ("--section 2.1" or "--section=2.1") puts it in `*value`. */
struct cmd_flag {
    const char *name; /* "--yes" */
    bool *given;
    const char **value; /* NULL if it has none */
};

/* The name of the one lab that stands in the arguments of a command which
 * takes nothing else but `flags` (the last one has no name; NULL: none).
 * Dies of other arguments; NULL after printing `usage` for --help. */
const char *cmd_read_lab(
    int argc, char **argv, const char *usage, const struct cmd_flag *flags);

/* The value of a command's option, a whole number; dies when it is none, or
 * out of range. */
uint64_t cmd_number(const char *command, const char *option, const char *word,
    uint64_t least, uint64_t most);

/* A seed that nobody knows beforehand. */
uint64_t cmd_draw_seed(void);

/* Show how far it has got, on the terminal's last line, when it has taken a
 * second since cmd_show_later(); and take that away. */
void cmd_show_later(void);
void cmd_show(const char *format, ...) __attribute__((format(printf, 1, 2)));
void cmd_hide(void);

/* Die of the word that getopt_long() has just refused. `option` is what it
 * returned: '?', or ':' for a missing value (":" leads its letters). */
_Noreturn void cmd_refuse_option(char **argv, int option);

#endif
