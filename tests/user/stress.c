// Many processes at once: names, directories, files, forks.
#include "user/usertests.h"

static void
names_create(int round)
{
	close(open("y", O_RDWR | O_CREATE));
}

static void
names_unlink(int round)
{
	unlink("y");
}

static void
names_link(int round)
{
	make_file("x", "x");
	link("x", "y");
}

static void
names_rename(int round)
{
	rename("y", round % 2 ? "x" : "z");
	rename("z", "y");
}

// Starts a process for each body, which runs it `rounds` times, and waits.
static void
run_together(void (*const bodies[])(int round), int count, int rounds)
{
	int pid[8];

	for (int i = 0; i < count; i++) {
		pid[i] = must_fork();
		if (pid[i] > 0)
			continue;
		for (int k = 0; k < rounds; k++)
			bodies[i](k);
		passed();
	}
	for (int i = 0; i < count; i++)
		expect_passed(pid[i]);
}

// Catches: two calls of create, unlink, link and rename wait for each other for
// ever (PITFALLS 8).
TEST(stress_names)
{
	static void (*const bodies[])(int) = { names_create, names_unlink,
					      names_link, names_rename};

	make_file("x", "x");
	run_together(bodies, 4, 150);
}

static void
dirs_down(int round)
{
	mkdir("a");
	mkdir("a/b");
	rename("a/b", "b");
	rename("b", "a/b");
}

static void
dirs_up(int round)
{
	rename("a", "c");
	rename("c", "a");
	unlink("a/b");
	unlink("a");
}

static void
dirs_inside(int round)
{
	if (chdir("a") < 0)
		return;
	close(open("f", O_RDWR | O_CREATE));
	open("../a/../a/f", O_RDONLY);
	unlink("f");
	for (int fd = 3; fd < NOFILE; fd++)
		close(fd);
	CHECK(chdir("/usertests.tmp") == 0);
}

// Catches: a path walk stops the kernel, or never ends, when other processes
// move and remove its directories.
TEST(stress_directories)
{
	static void (*const bodies[])(int) = { dirs_down, dirs_up, dirs_inside,
					      dirs_up, dirs_inside};

	run_together(bodies, 5, 100);
}

static void
own_file(int round)
{
	static char buf[3000];
	char name[16];
	int fd, n;

	snprintf(name, sizeof(name), "w%d", getpid());
	fd = open(name, O_RDWR | O_CREATE | O_TRUNC);
	CHECK(fd >= 0);
	memset(buf, getpid() + round, sizeof(buf));
	for (int i = 0; i < 5; i++)
		CHECK(write(fd, buf, sizeof(buf)) == sizeof(buf));
	CHECK(lseek(fd, 0, SEEK_SET) == 0);
	for (int i = 0; i < 5; i++) {
		CHECK(read(fd, buf, sizeof(buf)) == sizeof(buf));
		for (n = 0; n < (int)sizeof(buf); n++)
			CHECK(buf[n] == (char)(getpid() + round));
	}
	close(fd);
	CHECK(unlink(name) == 0);
}

// Catches: bytes of one file appear in another one.
TEST(stress_files)
{
	static void (*const bodies[])(int) = { own_file, own_file, own_file,
					      own_file};

	run_together(bodies, 4, 25);
}

static void
truncate_it(int round)
{
	int fd = open("shared", O_RDWR | O_CREATE | O_TRUNC);

	CHECK(fd >= 0);
	CHECK(write(fd, "0123456789", 10) == 10);
	CHECK(ftruncate(fd, 5) == 0 || errno == EINVAL);
	close(fd);
}

static void
read_it(int round)
{
	char buf[100];
	int fd = open("shared", O_RDONLY), n;

	if (fd < 0)
		return;
	n = read(fd, buf, sizeof(buf));
	CHECK(n >= 0 && n <= 10);
	// A 0 is right, too: the other process may just have emptied the file,
	// and this ftruncate has made it longer.
	for (int i = 0; i < n; i++)
		CHECK(buf[i] == '0' + i || buf[i] == 0);
	close(fd);
}

// Catches: a reader gets bytes that were cut off, or another file's bytes.
TEST(stress_truncate)
{
	static void (*const bodies[])(int) = { truncate_it, read_it, read_it,
					      truncate_it};

	run_together(bodies, 4, 100);
}

static void
fork_exec(int round)
{
	char *const argv[] = { "true", NULL };
	int pid = must_fork();

	if (pid == 0) {
		exec("/true", argv);
		exit(1);
	}
	expect_status(pid, WAIT_EXITED(0));
}

// Catches: processes are mixed up when several CPUs create and end them at
// once.
TEST(stress_processes)
{
	static void (*const bodies[])(int) = { fork_exec, fork_exec, fork_exec,
					      fork_exec};

	run_together(bodies, 4, 25);
}

static void
share_pages(int round)
{
	static char pages[20 * 4096];
	int pid = must_fork();

	for (uint i = 0; i < sizeof(pages); i += 4096)
		pages[i] = pid == 0;
	for (uint i = 0; i < sizeof(pages); i += 4096)
		CHECK(pages[i] == (pid == 0));
	if (pid == 0)
		passed();
	expect_passed(pid);
}

// Catches: two CPUs that copy one page give it to two owners, or free it twice.
TEST(stress_copy_on_write)
{
	static void (*const bodies[])(int) = { share_pages, share_pages,
					      share_pages, share_pages};

	run_together(bodies, 4, 40);
}
