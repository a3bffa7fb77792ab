// The system calls: SYSCALL_LIST is the one list, X(number, name, arguments).
// sys/syscall.c makes its table from it, user/lib its stubs.
//
// A call is `int $T_SYSCALL` with the number in %eax and the arguments on the
// user stack above a return address, as a C call leaves them. The result comes
// back in %eax; on failure %eax is -1 and %edx the error number (abi/errno.h).
// Every other register is preserved.
#pragma once

#define T_SYSCALL 0x40

#define SYSCALL_LIST(X)                                                        \
	X(1, fork, 0)                                                          \
	X(2, exit, 1)                                                          \
	X(3, wait, 0)                                                          \
	X(4, pipe, 1)                                                          \
	X(5, read, 3)                                                          \
	X(6, kill, 1)                                                          \
	X(7, exec, 2)                                                          \
	X(8, fstat, 2)                                                         \
	X(9, chdir, 1)                                                         \
	X(10, dup, 1)                                                          \
	X(11, getpid, 0)                                                       \
	X(12, sbrk, 1)                                                         \
	X(13, sleep, 1)                                                        \
	X(14, uptime, 0)                                                       \
	X(15, open, 2)                                                         \
	X(16, write, 3)                                                        \
	X(17, mknod, 3)                                                        \
	X(18, unlink, 1)                                                       \
	X(19, link, 2)                                                         \
	X(20, mkdir, 1)                                                        \
	X(21, close, 1)                                                        \
	X(22, waitpid, 3)                                                      \
	X(23, lseek, 3)                                                        \
	X(24, fsync, 1)                                                        \
	X(25, sync, 0)                                                         \
	X(26, reboot, 1)                                                       \
	X(27, setpgid, 2)                                                      \
	X(28, setfg, 1)                                                        \
	X(29, consmode, 1)                                                     \
	X(30, mmap, 6)                                                         \
	X(31, munmap, 2)                                                       \
	X(32, mprotect, 3)                                                     \
	X(33, msync, 3)                                                        \
	X(34, thread_create, 4)                                                \
	X(35, thread_exit, 1)                                                  \
	X(36, thread_join, 2)                                                  \
	X(37, futex_wait, 3)                                                   \
	X(38, futex_wake, 2)                                                   \
	X(39, gettid, 0)                                                       \
	X(40, yield, 0)                                                        \
	X(41, ftruncate, 2)                                                    \
	X(42, rename, 2)                                                       \
	X(43, procinfo, 2)                                                     \
	X(44, meminfo, 1)                                                      \
	X(45, swapon, 1)                                                       \
	X(46, ptwindow, 3)                                                     \
	X(47, areaname, 3)                                                     \
	X(48, vminfo, 3)                                                       \
	X(49, guest_create, 3)                                                 \
	X(50, guest_run, 2)                                                    \
	X(51, guest_regs, 3)                                                   \
	X(52, guest_inject, 2)                                                 \
	X(53, execve, 3)                                                       \
	X(54, getppid, 0)                                                      \
	X(55, gettime, 1)                                                      \
	X(56, fcntl, 3)                                                        \
	X(57, winsize, 3)

#define X(number, name, args) SYS_##name = number,
enum syscall_number { SYSCALL_LIST(X) SYS_COUNT };
#undef X
