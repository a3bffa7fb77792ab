// What POSIX has in unistd.h, as far as cr3 has it.
#pragma once
#include "user/include/sys/types.h"
#define STDIN_FILENO  0
#define STDOUT_FILENO 1
#define STDERR_FILENO 2
#ifndef SEEK_SET
#define SEEK_SET 0
#define SEEK_CUR 1
#define SEEK_END 2
#endif
#define sleep libc_sleep // in seconds; cr3's own counts ticks
int read(int fd, void *buf, int n);
int write(int fd, const void *buf, int n);
int close(int fd);
int lseek(int fd, int off, int whence);
int unlink(const char *path);
int link(const char *old, const char *new);
int chdir(const char *path);
int dup(int fd);
int dup2(int from, int to);
int pipe(int fd[2]);
int fork(void);
int getpid(void);
int getppid(void);
extern char **environ;
#define execve libc_execve
int execv(const char *path, char *const argv[]);
int execvp(const char *name, char *const argv[]); // by PATH
int execve(const char *path, char *const argv[], char *const envp[]);
int execl(const char *path, const char *arg, ...);
int execlp(const char *name, const char *arg, ...);
int execle(const char *path, const char *arg, ...);
char *getcwd(char *buf, size_t size);
int rmdir(const char *path);
int usleep(unsigned int us);
int ftruncate(int fd, unsigned int len);
int fsync(int fd);
int isatty(int fd);
int access(const char *path, int mode);
unsigned int sleep(unsigned int seconds);
__attribute__((noreturn)) void _exit(int status);
int getopt(int argc, char *argv[], const char *known);
extern char *optarg;
extern int optind;
int getpagesize(void);
long sysconf(int name); // -1 and EINVAL: a name that it does not know
enum { _SC_PAGESIZE, _SC_OPEN_MAX, _SC_CLK_TCK, _SC_ARG_MAX };
#define _SC_PAGE_SIZE _SC_PAGESIZE
#define R_OK 4
#define W_OK 2
#define X_OK 1
#define F_OK 0
