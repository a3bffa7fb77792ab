// The C library of our programs: everything that a program may call.
//
// A program is one file user/NAME.c that includes this header; it is built into
// the image as NAME without further ado. Failure is -1 (or NULL) with the
// reason in errno, as POSIX has it, unless a function says otherwise. Output is
// not buffered between calls: each printf is one write for a line of usual
// length.
//
//	#include "user.h"
//
//	int
//	main(int argc, char *argv[])
//	{
//		printf("hello, %s\n", argc > 1 ? argv[1] : "world");
//		return 0;
//	}
#pragma once
#include "abi/errno.h"
#include "abi/fcntl.h"
#include "abi/info.h"
#include "abi/limits.h"
#include "abi/mman.h"
#include "abi/stat.h"
#include "abi/syscalls.h"
#include "abi/system.h"
#include "abi/wait.h"
#include "lib/assert.h"
#include "lib/fmt.h"
#include "lib/string.h"
#include "lib/types.h"

// ---- Where a program begins and ends ----------------------------------------
// main's result is the exit status. argv[argc] is NULL.
int main(int argc, char *argv[]);

// Ends the program; the low 8 bits of status reach the parent's waitpid.
__noreturn void exit(int status);
// Ends the program with status 134, as a failed assert does.
__noreturn void abort(void);

// Why the thread's last call failed; else left alone. main_errno is that of the
// first thread.
#define errno (*errno_location())
int *errno_location(void);
extern int main_errno;
extern const char *progname; // the last part of argv[0]

// ---- Processes --------------------------------------------------------------
// A copy of this process; 0 in the child, its pid in the parent. EAGAIN (512
// processes), ENOMEM.
int fork(void);
int sys_fork(void); // the system call alone
int sys_exec(const char *path, char *const argv[]); // the same
// Replaces the program by the one in the file; returns only if that fails:
// ENOENT, ENOEXEC, EACCES, E2BIG (more than ARG_MAX), ENOMEM, EIO.
int exec(const char *path, char *const argv[]);
// The same with another environment than the caller's.
int execve(const char *path, char *const argv[], char *const envp[]);
// Waits for any child to end; its pid. ECHILD.
int wait(void);
// Waits for child pid (-1: any), stores its status (abi/wait.h; NULL: do not).
// With WNOHANG it returns 0 if none has ended. ECHILD, EINVAL.
int waitpid(int pid, int *status, int options);
// Ends process pid with SIGKILL. ESRCH, EPERM (init), EINVAL (pid <= 0).
int kill(int pid);
int getpid(void);
int getppid(void); // 0: it has none
// Puts pid (0: the caller) into a group (0: one of its own). ESRCH, EINVAL.
int setpgid(int pid, int group);
// Sets the group that Ctrl-C ends; 0: no group.
int setfg(int group);
// Sleeps for ticks hundredths of a second; <= 0 returns at once.
int sleep(int ticks);
// Ticks since the start.
int uptime(void);
// The date and time; abi/info.h.
int gettime(struct wall_time *now);
// Lets other threads run first.
int yield(void);

// ---- Files ------------------------------------------------------------------
// A new descriptor, the lowest free number. Flags: abi/fcntl.h.
int open(const char *path, int flags);
int close(int fd);
// Up to n bytes; 0 at the end. A directory is read as struct dirent.
int read(int fd, void *buf, int n);
// The bytes written, which are fewer than n only if the disk is full.
int write(int fd, const void *buf, int n);
// The new position. ESPIPE for a pipe or a device.
int lseek(int fd, int off, int whence);
// fd[0] reads what is written to fd[1].
int pipe(int fd[2]);
int dup(int fd);
// abi/fcntl.h has the commands. EBADF, EINVAL, EMFILE.
int fcntl(int fd, int command, ...);
// Makes `to` the same open file as `from`; closes what `to` was before.
int dup2(int from, int to);
int fstat(int fd, struct stat *st);
int stat(const char *path, struct stat *st);
int ftruncate(int fd, unsigned int len);
int fsync(int fd);
int sync(void);
int mknod(const char *path, short major, short minor);
int mkdir(const char *path);
int chdir(const char *path);
// The path of the current directory, in buf, or if buf is NULL in new memory.
// NULL and ERANGE (too long for buf), ENOENT (it has been removed), ENOMEM.
char *getcwd(char *buf, size_t size);
int link(const char *old, const char *new);
// Removes a name, also that of an empty directory. ENOTEMPTY, EBUSY, EINVAL.
int unlink(const char *path);
// Renames atomically; replaces `new` if it exists.
int rename(const char *old, const char *new);

// ---- The environment --------------------------------------------------------
// NAME=VALUE strings, and a NULL. exec hands it on.
extern char **environ;
char *getenv(const char *name); // the value, or NULL
// 0, or -1 and ENOMEM or EINVAL (no name).
int setenv(const char *name, const char *value, int overwrite);
int unsetenv(const char *name);
int putenv(char *text); // the text itself becomes part of the environment
// The path of a program: name itself if it has a slash, else the first of the
// directories in PATH (without PATH, the root) that has it. In new memory; NULL
// and ENOENT or ENOMEM.
char *path_search(const char *name);

// ---- Memory -----------------------------------------------------------------
// Moves the end of the heap by n bytes; the old end. (void *)-1 and ENOMEM.
void *sbrk(int n);
void *mmap(void *at, unsigned int len, int prot, int flags, int fd,
	   unsigned int off);
int munmap(void *at, unsigned int len);
int mprotect(void *at, unsigned int len, int prot);
int msync(void *at, unsigned int len, int flags);

// Memory aligned for any type. NULL and ENOMEM, for any n however large.
// malloc(0) gives a block of its own. free(NULL) does nothing.
void *malloc(size_t n);
void *calloc(size_t count, size_t n);
// Resizes p's block, which may move. After a failure p is as it was.
void *realloc(void *p, size_t n);
void free(void *p);

// ---- The machine ------------------------------------------------------------
int reboot(int how);       // REBOOT_RESTART, REBOOT_POWEROFF
__noreturn void end_machine(int how); // sync, then reboot
int consmode(int mode);    // CONS_LINE, CONS_RAW
// Reads, or with `set` writes, the console's rows and columns. ENOTTY, EBADF.
int winsize(int fd, struct winsize *size, int set);
int isatty(int fd); // is it the console? 1, or 0 and ENOTTY or EBADF
// Process number `index` or the next one; returns the index to ask for next.
// ESRCH when there are no more.
int procinfo(int index, struct procinfo *info);
int meminfo(struct meminfo *info);
// Copies page `index` (0..1023) of process pid's recursive window (memlayout.h
// PTWINDOW), as pid itself could read it: the table of directory entry `index`,
// or the directory, for index PDX(PTWINDOW). 1024 entries go to page. ENOENT if
// there is no such table, EPERM if it is the kernel's, ESRCH, EINVAL, EFAULT.
int ptwindow(int pid, unsigned int index, void *page);
// What belongs at address va of process pid: "text", "data", "heap", "mapping",
// "stack", "kernel" or "nothing", in AREA_NAME bytes at name. ESRCH, EFAULT.
int areaname(int pid, unsigned int va, char *name);
// Lets pages leave memory for a file without holes or for a disk's node. EBUSY
// (swap is on, or the disk is in use), ETXTBSY, EINVAL, ENXIO, EIO.
int swapon(const char *path);
// The first n bytes of a struct vminfo (pid 0: counts of the machine) or of a
// struct vmproc (a process's memory). ESRCH, EFAULT.
int vminfo(int pid, void *info, unsigned int n);

// ---- A machine inside the process; abi/guest.h ------------------------------
struct guest_exit;
struct guest_regs;
// The descriptor of a guest whose physical memory is [mem, mem + size), whole
// pages. ENODEV (the processor has no SVM), EINVAL, EAGAIN, ENOMEM, EMFILE.
int guest_create(void *mem, unsigned int size, int flags);
// Runs the guest until it needs its monitor. EBUSY (another thread runs it),
// EPERM (another process made it), EFAULT, ENOMEM, EIO.
int guest_run(int fd, struct guest_exit *exit);
// Reads the registers, or with `set` writes them (EINVAL).
int guest_regs(int fd, struct guest_regs *regs, int set);
// Interrupts the guest. EAGAIN: it cannot take an interrupt now.
int guest_inject(int fd, int vector);

// ---- Threads; pthread.h is what programs use --------------------------------
int thread_create(void (*entry)(void *), void *arg, void *stack_top, void *tls);
__noreturn void thread_exit(int value);
int thread_join(int tid, int *value);
int futex_wait(int *at, int expected, int ticks);
int futex_wake(int *at, int count);
int gettid(void);

// ---- Output -----------------------------------------------------------------
// Conversions: lib/fmt.h. They return the bytes written, or -1 and errno.
int printf(const char *fmt, ...) __printf(1, 2);
int dprintf(int fd, const char *fmt, ...) __printf(2, 3);
int vdprintf(int fd, const char *fmt, va_list ap) __printf(2, 0);
int puts(const char *s); // s and a newline
int putchar(int c);      // c, or -1
// Writes all n bytes or fails. 0 or -1.
int write_all(int fd, const void *buf, size_t n);

// ---- Options ----------------------------------------------------------------
// The next option's letter, -1 behind the last one, '?' for a letter that is
// not in `known` or lacks its argument. In `known` a letter with an argument
// has a colon behind it; optarg is that argument. optind: the first operand's
// index.
int getopt(int argc, char *argv[], const char *known);
extern char *optarg;
extern int optind;
// Behind the last option: makes argv[1] the first operand.
void drop_options(int *argc, char ***argv);
// All three end the program with usage(args) for an option that is not known.
// Is -letter, the only option, among the arguments? Drops the options.
bool one_option(int *argc, char ***argv, char letter, const char *args);
// For "[-n LINES] [FILE...]", and -LINES for it: the number of lines, or
// `lines` if none is given. Drops the options.
int lines_option(int *argc, char ***argv, int lines);
// Drops "--".
void no_options(int *argc, char ***argv, const char *args);
void no_arguments(int argc, char *argv[]);

// ---- Messages to file 2 -----------------------------------------------------
// "prog: text: reason of errno", and the same without the reason.
void warn(const char *fmt, ...) __printf(1, 2);
void warnx(const char *fmt, ...) __printf(1, 2);
// The same, then exit(status).
__noreturn void err(int status, const char *fmt, ...) __printf(2, 3);
__noreturn void errx(int status, const char *fmt, ...) __printf(2, 3);
// "usage: prog args", then exit(2).
__noreturn void usage(const char *args);
const char *strerror(int number);
void perror(const char *s);
// The name of a SIG... of abi/wait.h, "signal" for others.
const char *signal_name(int number);

// ---- Input, line by line ----------------------------------------------------
struct reader {
	int fd;
	int pos, len;   // what is left of buf
	char *line;     // the last line; grows as needed
	size_t size;
	char buf[512];
};

void reader_init(struct reader *r, int fd);
// The next line in r->line, without its newline; a last line may lack one.
// Returns 1, 0 at the end, -1 and errno.
int reader_line(struct reader *r, size_t *len);
void reader_free(struct reader *r); // its memory; the file stays open

// ---- Numbers, sorting, names ------------------------------------------------
// Base 2..36, or 0: as C writes it. *end: what follows. ERANGE: the limit.
long strtol(const char *s, char **end, int base);
unsigned long strtoul(const char *s, char **end, int base);
int atoi(const char *s);
// A whole decimal number, nothing around it, in *n. -1 and EINVAL or ERANGE.
int parse_int(const char *s, int *n);
int abs(int n);
void qsort(void *base, size_t count, size_t size,
	   int (*cmp)(const void *a, const void *b));
int rand(void); // 0..RAND_MAX, the same row for the same seed
void srand(unsigned int seed);
#define RAND_MAX 0x7fffffff

int isalpha(int c), isdigit(int c), isalnum(int c), isspace(int c);
int isprint(int c), isupper(int c), islower(int c), toupper(int c);
int tolower(int c);

char *strdup(const char *s);
char *strcat(char *dst, const char *src);
bool is_dir(const char *path); // false if there is nothing of that name
// "dir/name" in new memory; no second slash if dir ends with one.
char *path_join(const char *dir, const char *name);
// The part of the path behind the last slash; "/" for the root.
const char *path_base(const char *path);

// ---- Walking over directories and files -------------------------------------
// The next used entry but . and .., its name with a final 0. 1, 0 at the end,
// -1.
struct dir_entry {
	unsigned int ino;
	char name[NAME_MAX + 1];
};
int dir_next(int fd, struct dir_entry *entry);
// Removes a file or a directory with all that is in it; stops at the first that
// cannot be removed.
int remove_tree(const char *path);
// Copies from one file to another until the end. 0, or -1 and errno; *writing
// (if not NULL) says which side failed.
int copy_fd(int from, int to, bool *writing);

// Runs body on each of argv[1..], opened for reading, or on file 0 ("-" too).
// Returns the exit status: 0, or 1 if a file could not be opened, is a
// directory, or body returned -1, in which case the reason has been printed.
int for_each_file(int argc, char *argv[],
		  int (*body)(int fd, const char *name));
// The same, directories too.
int for_each_node(int argc, char *argv[],
		  int (*body)(int fd, const char *name));
// Runs body on each of argv[1..]; where it returns -1, prints the reason of
// errno. Returns the exit status.
int for_each_name(int argc, char *argv[], int (*body)(const char *name));
// For a command line FROM... TO of two or more names: runs body on each FROM
// and TO, or TO/FROM if TO is a directory. Returns the exit status.
int for_each_pair(int argc, char *argv[],
		  int (*body)(const char *from, const char *to));
// Runs body on each line of a file until it returns false. Returns 0, or -1
// when a read failed, in which case the reason has been printed.
int for_each_line(int fd, const char *name,
		  bool (*body)(const char *line, size_t len));
