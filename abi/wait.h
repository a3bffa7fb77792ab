// The status that waitpid stores: the exit status in bits 8..15, or in bits
// 0..6 why the process was killed. The reasons have the numbers of POSIX's
// signals.
#pragma once

#define WNOHANG 1

#define WAIT_EXITED(code) (((code)&0xff) << 8)
#define WAIT_KILLED(why)  ((why)&0x7f)

#define WIFEXITED(s)   (((s)&0x7f) == 0)
#define WEXITSTATUS(s) (((s) >> 8) & 0xff)
#define WIFSIGNALED(s) (((s)&0x7f) != 0)
#define WTERMSIG(s)    ((s)&0x7f)

#define SIGINT  2  // Ctrl-C
#define SIGILL  4  // an instruction that does not exist or is not allowed
#define SIGTRAP 5  // debug trap, breakpoint
#define SIGBUS  7  // a mapped file ends before the address, or cannot be read
#define SIGFPE  8  // arithmetic
#define SIGKILL 9  // kill(), or memory ran out
#define SIGSEGV 11 // an access that the process may not make
