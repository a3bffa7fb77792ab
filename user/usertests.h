// The frame of the user tests. A test is a function of a child process:
//
//	// Catches: a pipe whose reader sleeps on when the writer has gone.
//	TEST(pipe_end_of_file)
//	{
//		...
//		CHECK(read(fd[0], buf, 1) == 0);
//	}
//
// The parent decides, by waitpid: success is only the status that a test
// returns at its end. So neither a death nor an exit(0) on the way counts as
// success. A test runs in an empty directory of its own, which is removed
// afterwards.
#pragma once
#include "user.h"

struct user_test {
	const char *name;
	void (*run)(void);
	int want; // the waitpid status of a success
	bool on_request; // runs only if it is named, and as long as it likes
};

enum { TEST_PASSED = 42 }; // exit status of a test that came to its end

#define TEST_ROW(id, status, on_request)                                       \
	static void test_##id(void);                                           \
	extern const struct user_test entry_##id; /* one test of a name */    \
	const struct user_test entry_##id = { #id, test_##id, status,          \
					      on_request };                    \
	static const struct user_test *const row_##id                          \
		__attribute__((section(".usertests." #id), used)) =            \
			&entry_##id;                                           \
	static void test_##id(void)

#define TEST_WANT(id, status) TEST_ROW(id, status, false)
#define TEST(id)	      TEST_WANT(id, WAIT_EXITED(TEST_PASSED))
// The test itself is to be killed for that reason.
#define TEST_KILLED(id, why) TEST_WANT(id, WAIT_KILLED(why))
// Only when it is asked for: `usertests NUMBER id` gives it test_number.
#define LONG_TEST(id) TEST_ROW(id, WAIT_EXITED(TEST_PASSED), true)
extern int test_number;

// The test has failed unless c: says so and ends this process.
#define CHECK(c)                                                               \
	do {                                                                   \
		if (!(c))                                                      \
			test_fail(__FILE__, __LINE__, #c);                     \
	} while (0)
__noreturn void test_fail(const char *file, int line, const char *what);

// The call must be -1 with that error.
#define CHECK_ERROR(call, number)                                              \
	do {                                                                   \
		errno = 0;                                                     \
		CHECK((call) == -1);                                           \
		CHECK(errno == (number));                                      \
	} while (0)

// fork that must succeed.
int must_fork(void);
// Runs body in a child, which then ends with TEST_PASSED; its waitpid status.
int run_child(void (*body)(void));
// Waits for pid, which must have ended with TEST_PASSED.
void expect_passed(int pid);
void expect_status(int pid, int want);
// The child's last words: it came to its end.
__noreturn void passed(void);

// Makes a file with that text; reads a whole (small) file into buf.
void make_file(const char *name, const char *text);
bool file_is(const char *name, const char *text);
// Frames that are free or could be: what a leak makes fewer.
int frames_available(void);
// A system call by its number, arguments as they are.
int raw_syscall(int number, ...);
// Waits until process pid is asleep in the kernel (2 s at most).
void wait_until_asleep(int pid);
// Finds pid's information. False if there is no such process.
bool find_process(int pid, struct procinfo *info);
