// exec: arguments, errors, and files that are no programs.
#include "user/usertests.h"

static char *const no_args[] = { "x", NULL };

static int
spawn(const char *path, char *const argv[])
{
	int pid = must_fork();

	if (pid == 0) {
		exec(path, argv);
		exit(111);
	}
	return pid;
}

// Catches: the exit status of an exec'd program does not reach its parent.
TEST(exec_status)
{
	expect_status(spawn("/true", no_args), WAIT_EXITED(0));
	expect_status(spawn("/false", no_args), WAIT_EXITED(1));
}

// Catches: exec loses, joins or cuts arguments, or closes open files.
TEST(exec_arguments)
{
	char *const argv[] = { "echo", "one", "", "two three", NULL };
	char buf[64];
	int fd[2], n = 0, got, pid;

	CHECK(pipe(fd) == 0);
	pid = must_fork();
	if (pid == 0) {
		dup2(fd[1], 1);
		exec("/echo", argv);
		exit(111);
	}
	close(fd[1]);
	while ((got = read(fd[0], buf + n, sizeof(buf) - n)) > 0)
		n += got;
	expect_status(pid, WAIT_EXITED(0));
	CHECK(n == 15 && memcmp(buf, "one  two three\n", 15) == 0);
}

// Catches: an exec that fails still destroys its caller.
TEST(exec_errors)
{
	make_file("text", "this is no program\n");
	make_file("empty", "");
	make_file("magic", "\177ELF");
	CHECK_ERROR(exec("/missing", no_args), ENOENT);
	CHECK_ERROR(exec("", no_args), ENOENT);
	CHECK_ERROR(exec("text", no_args), ENOEXEC);
	CHECK_ERROR(exec("empty", no_args), ENOEXEC);
	CHECK_ERROR(exec("magic", no_args), ENOEXEC);
	CHECK_ERROR(exec("text/x", no_args), ENOTDIR);
	CHECK(exec("/", no_args) == -1 && errno == EACCES);
	CHECK(exec("/console", no_args) == -1 &&
	      (errno == EACCES || errno == ENOEXEC));
}

// Catches: arguments beyond the limit are cut, or overwrite other memory.
TEST(exec_too_many_arguments)
{
	static char big[ARG_MAX + 1];
	static char *many[ARG_MAX / 4 + 2];
	char *const one[] = { "echo", big, NULL };

	memset(big, 'x', ARG_MAX);
	CHECK_ERROR(exec("/true", one), E2BIG);
	for (uint i = 0; i < countof(many) - 1; i++)
		many[i] = "";
	CHECK_ERROR(exec("/true", many), E2BIG);
	big[ARG_MAX - 100] = 0;
	expect_status(spawn("/true", one), WAIT_EXITED(0));
}

// Catches: the kernel overruns its buffer with an argument that is longer than
// any stack (PITFALLS 7).
TEST(exec_huge_argument)
{
	enum { SIZE = 8 << 20 };
	char *big = sbrk(SIZE);
	char *const argv[] = { "echo", big, NULL };

	CHECK(big != (char *)-1);
	memset(big, 'x', SIZE - 1);
	CHECK_ERROR(exec("/echo", argv), E2BIG);
}

// Catches: exec follows argument pointers without a check.
TEST(exec_bad_pointers)
{
	static const uint bad[] = { 4, 0x60000000, 0x80100000, 0xfffffffd };

	for (uint i = 0; i < countof(bad); i++) {
		volatile uint at = bad[i];
		char *argv[] = { "x", (char *)at, NULL };

		CHECK_ERROR(exec("/true", argv), EFAULT);
		CHECK_ERROR(exec("/true", (char **)at), EFAULT);
		CHECK_ERROR(exec((char *)at, no_args), EFAULT);
	}
}

// ---- Files that look like programs ------------------------------------------

enum { IMAGE = 8192 };
static uchar image[IMAGE];

// The program's first bytes with n of them at `at` replaced. Its headers are at
// 52, 32 bytes each: type, offset, vaddr, paddr, filesz, memsz, flags, align.
static void
make_image(int at, uint value, int n)
{
	int fd = open("/true", O_RDONLY);

	CHECK(fd >= 0 && read(fd, image, IMAGE) == IMAGE);
	close(fd);
	memcpy(image + at, &value, n);
	fd = open("bad", O_WRONLY | O_CREATE | O_TRUNC);
	CHECK(fd >= 0 && write(fd, image, IMAGE) == IMAGE);
	close(fd);
}

// Catches: an ELF file with impossible numbers in its headers stops the kernel.
TEST(exec_wild_headers)
{
	static const struct {
		int at;
		uint value;
		int size;
	} wild[] = {
		{ 4, 2, 1 },           { 16, 3, 2 },          // class, type
		{ 18, 62, 2 },         { 24, 0x80100000, 4 }, // machine, entry
		{ 28, 0xfffffff0, 4 }, { 28, 0x7fffffff, 4 }, // phoff
		{ 42, 1, 2 },          { 44, 0xffff, 2 }, // phentsize, phnum
		{ 56, 0xfffff000, 4 }, { 56, 0x7fffffff, 4 }, // offset
		{ 60, 0x7ffff000, 4 }, { 60, 0x80000000, 4 }, // vaddr
		{ 60, 0xfffff000, 4 }, { 60, 0x1001, 4 },
		{ 68, 0xffffffff, 4 }, { 68, 0x7fffffff, 4 }, // filesz
		{ 72, 0, 4 },          { 72, 0xffffffff, 4 }, // memsz
		{ 72, 0x7ffff000, 4 }, { 72, 0x7fffffff, 4 },
	};

	for (uint i = 0; i < countof(wild); i++) {
		int status, pid;

		make_image(wild[i].at, wild[i].value, wild[i].size);
		pid = spawn("bad", no_args);
		CHECK(waitpid(pid, &status, 0) == pid);
		CHECK(status == WAIT_EXITED(111) || WIFSIGNALED(status));
	}
}

// Runs a program that writes to address `at`. It has two segments with these
// flags: [0x1000, border) and [border, border + 0x100). Returns its waitpid
// status.
static int
write_in_segments(uint border, uint flags1, uint flags2, uint at)
{
	static uint h[256] = {
		0x464c457f, 0x00010101, 0, 0, 0x00030002, 1,
		0,	    52,		0, 0, 0x00200034, 2,
	};
	uint n = border - 0x1000;
	uint segment[2][8] = {
		{ 1, 0, 0x1000, 0, 0x400, n, flags1, 4 },
		{ 1, 0x400, border, 0, 0x100, 0x100, flags2, 4 },
	};
	// movb $1, at; pushl $7; pushl $0; movl $SYS_exit, %eax; int $0x40
	uchar code[] = {0xC6, 5, 0,    0,	 0, 0, 1, 0x6A, 7,
			0x6A, 0, 0xB8, SYS_exit, 0, 0, 0, 0xCD, 0x40};
	int fd, pid, status;

	memcpy(code + 2, &at, sizeof(at));
	h[6] = border; // the entry
	memcpy((char *)h + 52, segment, sizeof(segment));
	fd = open("two", O_WRONLY | O_CREATE | O_TRUNC);
	CHECK(write(fd, h, 0x400) == 0x400);
	CHECK(write(fd, code, sizeof(code)) == sizeof(code));
	CHECK(ftruncate(fd, 0x500) == 0);
	close(fd);
	pid = spawn("two", no_args);
	CHECK(waitpid(pid, &status, 0) == pid);
	return status;
}

// Catches: read-only segments become writable because they share a page.
TEST(exec_shared_page_keeps_permission)
{
	enum { R = 5, RW = 7 };
	const int ok = WAIT_EXITED(7), killed = WAIT_KILLED(SIGSEGV);

	CHECK(write_in_segments(0x1400, R, R, 0x1000) == killed);
	CHECK(write_in_segments(0x1400, R, R, 0x1480) == killed);
	CHECK(write_in_segments(0x1400, RW, R, 0x1480) == ok);
	CHECK(write_in_segments(0x1400, R, RW, 0x1000) == ok);
	// The first page belongs to the first segment alone.
	CHECK(write_in_segments(0x2400, R, RW, 0x1000) == killed);
	CHECK(write_in_segments(0x2400, R, RW, 0x2000) == ok);
	CHECK(write_in_segments(0x2400, RW, R, 0x1000) == ok);
}

// Catches: a program whose file is cut in the middle sees bytes from behind the
// file's end.
TEST(exec_cut_file)
{
	static const int sizes[] = { 3, 51, 52, 60, 100, 4096, 4100 };

	make_image(0, 0x464c457f, 4);
	for (uint i = 0; i < countof(sizes); i++) {
		int fd = open("cut", O_WRONLY | O_CREATE | O_TRUNC), status;
		int pid;

		CHECK(write(fd, image, sizes[i]) == sizes[i]);
		close(fd);
		pid = spawn("cut", no_args);
		CHECK(waitpid(pid, &status, 0) == pid);
		CHECK(status != WAIT_EXITED(0));
	}
}

// Catches: a program sees the stack or heap of the program before exec.
TEST(exec_again_and_again)
{
	for (int i = 0; i < 20; i++)
		expect_status(spawn("/true", no_args), WAIT_EXITED(0));
}
