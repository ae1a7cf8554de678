/* A number that the kernel tells in a file of its own, below /proc/sys or /sys. */
#ifndef LNSCTL_PROC_NUMBER_H
#define LNSCTL_PROC_NUMBER_H

/* 0 when the file cannot be read. */
long proc_number(const char *path);

#endif
