// Files: open, read, write, positions, names.
#include "user/usertests.h"

// Catches: read returns other bytes than were written.
TEST(file_read_back)
{
	char buf[20];
	int fd = open("f", O_RDWR | O_CREATE);

	CHECK(fd >= 0);
	CHECK(write(fd, "hello", 5) == 5);
	CHECK(write(fd, " world", 6) == 6);
	CHECK(read(fd, buf, sizeof(buf)) == 0);
	CHECK(lseek(fd, 0, SEEK_SET) == 0);
	CHECK(read(fd, buf, sizeof(buf)) == 11);
	CHECK(memcmp(buf, "hello world", 11) == 0);
	CHECK(close(fd) == 0);
	CHECK(file_is("f", "hello world"));
}

// Catches: a descriptor can be used in a way that it was not opened for.
TEST(file_modes)
{
	char c = 'x';
	int fd;

	make_file("f", "data");
	fd = open("f", O_RDONLY);
	CHECK_ERROR(write(fd, &c, 1), EBADF);
	CHECK_ERROR(ftruncate(fd, 0), EINVAL);
	fd = open("f", O_WRONLY);
	CHECK_ERROR(read(fd, &c, 1), EBADF);
	CHECK_ERROR(open("missing", O_RDWR), ENOENT);
	CHECK_ERROR(open("missing/f", O_RDWR | O_CREATE), ENOENT);
	CHECK_ERROR(open("f/f", O_RDONLY), ENOTDIR);
	CHECK_ERROR(open("", O_RDONLY), ENOENT);
	CHECK_ERROR(open(".", O_RDWR), EISDIR);
	CHECK_ERROR(open(".", O_WRONLY), EISDIR);
}

// Catches: an invalid descriptor makes the kernel read beyond the table.
TEST(file_bad_descriptors)
{
	static const int bad[] = {-1,	20,	    NOFILE,
				  1000, 0x7fffffff, -0x7fffffff - 1};
	struct stat st;
	char c;

	for (uint i = 0; i < countof(bad); i++) {
		CHECK_ERROR(read(bad[i], &c, 1), EBADF);
		CHECK_ERROR(write(bad[i], &c, 1), EBADF);
		CHECK_ERROR(close(bad[i]), EBADF);
		CHECK_ERROR(dup(bad[i]), EBADF);
		CHECK_ERROR(fstat(bad[i], &st), EBADF);
		CHECK_ERROR(lseek(bad[i], 0, SEEK_SET), EBADF);
		CHECK_ERROR(ftruncate(bad[i], 0), EBADF);
		CHECK_ERROR(fsync(bad[i]), EBADF);
	}
}

// Catches: a negative or huge count passes the check because the sum overflows.
TEST(file_bad_counts)
{
	static const int bad[] = { -1, -0x7fffffff - 1, -4096 };
	char c = 0;
	int fd = open("f", O_RDWR | O_CREATE);

	for (uint i = 0; i < countof(bad); i++) {
		CHECK(read(fd, &c, bad[i]) == -1);
		CHECK(write(fd, &c, bad[i]) == -1);
	}
	CHECK(write(fd, &c, 0) == 0);
	CHECK(read(fd, &c, 0) == 0);
}

// Catches: O_TRUNC keeps the end of the old file, or O_APPEND writes at the
// beginning (PITFALLS 46).
TEST(file_truncate_append)
{
	int fd, other;

	make_file("f", "hello");
	make_file("f", "x");
	CHECK(file_is("f", "x"));
	fd = open("f", O_WRONLY | O_APPEND);
	other = open("f", O_WRONLY | O_APPEND);
	CHECK(write(fd, "1", 1) == 1);
	CHECK(write(other, "2", 1) == 1);
	CHECK(write(fd, "3", 1) == 1);
	CHECK(file_is("f", "x123"));
}

// Catches: a file shows old bytes after ftruncate has cut it and it has grown
// again.
TEST(file_ftruncate)
{
	static char buf[9000], want[9000];
	int fd = open("f", O_RDWR | O_CREATE);
	struct stat st;

	memset(buf, 'a', sizeof(buf));
	CHECK(write(fd, buf, sizeof(buf)) == sizeof(buf));
	CHECK(ftruncate(fd, 5000) == 0);
	CHECK(fstat(fd, &st) == 0 && st.size == 5000);
	CHECK(ftruncate(fd, 9000) == 0);
	CHECK(fstat(fd, &st) == 0 && st.size == 9000);
	CHECK(lseek(fd, 0, SEEK_SET) == 0);
	CHECK(read(fd, buf, sizeof(buf)) == sizeof(buf));
	memset(want, 'a', 5000);
	CHECK(memcmp(buf, want, sizeof(buf)) == 0);
}

// Catches: a file disappears while a process still has it open.
TEST(file_unlinked_open)
{
	char buf[10];
	int fd = open("f", O_RDWR | O_CREATE);

	CHECK(write(fd, "still", 5) == 5);
	CHECK(unlink("f") == 0);
	CHECK_ERROR(open("f", O_RDONLY), ENOENT);
	CHECK_ERROR(unlink("f"), ENOENT);
	make_file("f", "other");
	CHECK(write(fd, " here", 5) == 5);
	CHECK(lseek(fd, 0, SEEK_SET) == 0);
	CHECK(read(fd, buf, 10) == 10 && memcmp(buf, "still here", 10) == 0);
	CHECK(close(fd) == 0);
	CHECK(file_is("f", "other"));
}

// Catches: a wrong link count, or a second name for a file that may have only
// one.
TEST(file_links)
{
	struct stat st;

	make_file("a", "text");
	CHECK(link("a", "b") == 0);
	CHECK(stat("a", &st) == 0 && st.nlink == 2 && st.type == T_FILE);
	CHECK_ERROR(link("a", "b"), EEXIST);
	CHECK_ERROR(link("missing", "c"), ENOENT);
	CHECK_ERROR(link("a", "missing/c"), ENOENT);
	CHECK_ERROR(link(".", "c"), EPERM);
	CHECK(unlink("a") == 0);
	CHECK(stat("b", &st) == 0 && st.nlink == 1);
	CHECK(file_is("b", "text"));
}

// Catches: dup gives the copy an offset of its own, or not the lowest free
// number.
TEST(file_dup)
{
	int fd = open("f", O_RDWR | O_CREATE), two = dup(fd), three;
	char c;

	CHECK(two == fd + 1);
	CHECK(write(fd, "abc", 3) == 3);
	CHECK(lseek(two, 0, SEEK_CUR) == 3);
	CHECK(lseek(two, 1, SEEK_SET) == 1);
	CHECK(read(fd, &c, 1) == 1 && c == 'b');
	CHECK(close(fd) == 0);
	CHECK(read(two, &c, 1) == 1 && c == 'c');
	three = dup(two);
	CHECK(three == fd);
}

// Catches: parent and child do not share one offset.
TEST(file_shared_with_child)
{
	int fd = open("f", O_RDWR | O_CREATE), pid = must_fork();

	if (pid == 0) {
		CHECK(write(fd, "child ", 6) == 6);
		passed();
	}
	expect_passed(pid);
	CHECK(write(fd, "parent", 6) == 6);
	CHECK(file_is("f", "child parent"));
}

// Catches: lseek accepts an offset before the beginning, or one that overflows.
TEST(file_positions)
{
	int fd = open("f", O_RDWR | O_CREATE);

	CHECK(write(fd, "0123456789", 10) == 10);
	CHECK(lseek(fd, -3, SEEK_END) == 7);
	CHECK(lseek(fd, -3, SEEK_CUR) == 4);
	CHECK_ERROR(lseek(fd, -1, SEEK_SET), EINVAL);
	CHECK_ERROR(lseek(fd, -11, SEEK_END), EINVAL);
	CHECK_ERROR(lseek(fd, -5, SEEK_CUR), EINVAL);
	CHECK_ERROR(lseek(fd, 0, 3), EINVAL);
	CHECK(lseek(fd, 0, SEEK_CUR) == 4);
	CHECK(lseek(fd, 0x7fffffff, SEEK_SET) == 0x7fffffff);
	CHECK(lseek(fd, 1, SEEK_CUR) == -1);
}

// Catches: a name of more than 14 bytes is not cut as the ABI says.
TEST(file_long_names)
{
	CHECK(mkdir("12345678901234") == 0);
	CHECK(mkdir("12345678901234/123456789012345") == 0);
	make_file("123456789012345/12345678901234/x", "y");
	CHECK(file_is("12345678901234/12345678901234/x", "y"));
	CHECK(file_is("12345678901234567/1234567890123456/x", "y"));
}

// Catches: a long path overruns the kernel's buffer.
TEST(file_long_paths)
{
	static char path[PATH_MAX + 10];

	memset(path, '/', sizeof(path) - 1);
	memcpy(path, ".", 1);
	CHECK_ERROR(open(path, O_RDONLY), ENAMETOOLONG);
	CHECK_ERROR(mkdir(path), ENAMETOOLONG);
	path[PATH_MAX - 1] = 0;
	CHECK(open(path, O_RDONLY) >= 0);
}

// Catches: a process gets more descriptors than its table holds, or close does
// not free one.
TEST(file_too_many_open)
{
	int first, fd, last = -1;

	make_file("f", "x");
	first = open("f", O_RDONLY);
	while ((fd = open("f", O_RDONLY)) >= 0)
		last = fd;
	CHECK(errno == EMFILE && last >= 15);
	CHECK_ERROR(dup(0), EMFILE);
	CHECK_ERROR(open("new", O_RDWR | O_CREATE), EMFILE);
	for (fd = first; fd <= last; fd++)
		CHECK(close(fd) == 0);
	CHECK(open("f", O_RDONLY) == first);
}

// Catches: a device cannot be the target of > (PITFALLS 45).
TEST(file_device)
{
	struct stat st;
	int fd = open("/console", O_WRONLY | O_CREATE | O_TRUNC);

	CHECK(fd >= 0);
	CHECK(fstat(fd, &st) == 0 && st.type == T_DEV);
	CHECK(write(fd, "", 0) == 0);
	CHECK_ERROR(lseek(fd, 0, SEEK_SET), ESPIPE);
	CHECK(mknod("dev", 77, 0) == 0 || errno == ENODEV || errno == ENXIO);
	fd = open("dev", O_RDWR);
	if (fd >= 0)
		CHECK(read(fd, &st, 1) == -1);
}

// Catches: rename loses the file, or leaves both names.
TEST(file_rename)
{
	struct stat st;

	make_file("a", "one");
	make_file("b", "two");
	CHECK(rename("a", "c") == 0);
	CHECK_ERROR(open("a", O_RDONLY), ENOENT);
	CHECK(file_is("c", "one"));
	CHECK(rename("c", "b") == 0);
	CHECK_ERROR(open("c", O_RDONLY), ENOENT);
	CHECK(file_is("b", "one"));
	CHECK(rename("b", "b") == 0);
	CHECK(file_is("b", "one"));
	CHECK(stat("b", &st) == 0 && st.nlink == 1);
	CHECK_ERROR(rename("missing", "b"), ENOENT);
	CHECK(file_is("b", "one"));
}

// Catches: fsync accepts what is not a file, or never returns.
TEST(file_sync)
{
	int fd = open("f", O_RDWR | O_CREATE);

	CHECK(write(fd, "x", 1) == 1);
	CHECK(fsync(fd) == 0);
	CHECK(sync() == 0);
}
