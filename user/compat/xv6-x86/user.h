// xv6's C library by its names. Where our library's function of that name
// differs the name is made to mean another one: exit and wait without a status,
// printf with a file number, gets with a size.
#pragma once
#include "types.h"

struct stat;

// ---- Calls ------------------------------------------------------------------
int fork(void);
int pipe(int *fd);
int write(int fd, const void *from, int n);
int read(int fd, void *to, int n);
int close(int fd);
int kill(int pid);
int exec(char *path, char **argv);
int open(const char *path, int flags);
int mknod(const char *path, short major, short minor);
int unlink(const char *path);
int fstat(int fd, struct stat *st);
int link(const char *old, const char *name);
int mkdir(const char *path);
int chdir(const char *path);
int dup(int fd);
int getpid(void);
char *sbrk(int n);
int sleep(int ticks);
int uptime(void);
int wait(void);

// exit ends with status 0.
__attribute__((noreturn)) void cr3_exit(int status) __asm__("exit");

__attribute__((noreturn)) static inline void
xv6_exit(void)
{
	cr3_exit(0);
}
#define exit xv6_exit

// ---- Library ----------------------------------------------------------------
int stat(const char *path, struct stat *st);
char *strcpy(char *to, const char *from);
void *memmove(void *to, const void *from, uint n);
char *strchr(const char *s, int c);
int strcmp(const char *a, const char *b);
uint strlen(const char *s);
void *memset(void *to, int c, uint n);
void *malloc(uint n);
void free(void *p);
int atoi(const char *s);

// printf's first argument is a file number: our dprintf.
#define printf dprintf
void printf(int fd, const char *fmt, ...);

// A line with its newline, cut at max - 1 bytes; "" at the end.
static inline char *
xv6_gets(char *buf, int max)
{
	int n = 0;

	while (n + 1 < max && read(0, &buf[n], 1) == 1) {
		char c = buf[n++];

		if (c == '\n' || c == '\r')
			break;
	}
	buf[n] = 0;
	return buf;
}
#define gets xv6_gets
