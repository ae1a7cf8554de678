/* Running a program: no shell, a time limit, its output line by line. */
#ifndef KEEPER_COMMAND_H
#define KEEPER_COMMAND_H

typedef void command_line_fn(void *ctx, const char *line);

/*
 * Waits for the end of argv[0] (a path), its standard output and error going to fn (may be NULL).
 * Gives its exit code (128 and more: a signal), or -errno: -ETIMEDOUT after ms, when it was killed.
 */
int command_run(const char *const argv[], int ms, command_line_fn *fn, void *ctx);

#endif
