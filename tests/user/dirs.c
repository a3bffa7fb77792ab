// Directories.
#include "user/usertests.h"

// Catches: a directory without . and .., or with the wrong ones.
TEST(dir_dots)
{
	struct stat st, dot, dotdot, here;

	CHECK(stat(".", &here) == 0);
	CHECK(mkdir("d") == 0);
	CHECK(stat("d", &st) == 0 && st.type == T_DIR);
	CHECK(stat("d/.", &dot) == 0 && dot.ino == st.ino);
	CHECK(stat("d/..", &dotdot) == 0 && dotdot.ino == here.ino);
	CHECK(stat("/..", &dot) == 0 && stat("/", &st) == 0);
	CHECK(dot.ino == st.ino);
	CHECK(stat("d/../d/./../d", &st) == 0);
	CHECK(stat("//usertests.tmp///d//", &st) == 0);
}

// Catches: a directory is removed that is not empty, or that must never be
// removed.
TEST(dir_remove)
{
	CHECK(mkdir("d") == 0);
	CHECK_ERROR(mkdir("d"), EEXIST);
	make_file("d/f", "x");
	CHECK_ERROR(unlink("d"), ENOTEMPTY);
	CHECK_ERROR(unlink("d/."), EINVAL);
	CHECK_ERROR(unlink("d/.."), EINVAL);
	CHECK(unlink("/") == -1);
	CHECK(unlink("d/f") == 0);
	CHECK(unlink("d") == 0);
	CHECK_ERROR(chdir("d"), ENOENT);
	CHECK_ERROR(mkdir("d/e"), ENOENT);
	CHECK_ERROR(mkdir(""), ENOENT);
	CHECK_ERROR(mkdir("/"), EEXIST);
}

// Catches: a removed directory still has a `..`, or a file can be created in it
// (PITFALLS 2, 43).
TEST(dir_removed_under_us)
{
	CHECK(mkdir("a") == 0 && mkdir("a/b") == 0 && chdir("a/b") == 0);
	CHECK(unlink("/usertests.tmp/a/b") == 0);
	CHECK(unlink("/usertests.tmp/a") == 0);
	CHECK(open("../x", O_RDONLY) == -1);
	CHECK(open("x", O_RDWR | O_CREATE) == -1);
	CHECK(mkdir("y") == -1);
	CHECK(link("/README", "z") == -1);
	CHECK(rename("/usertests.tmp", "z") == -1);
	CHECK(chdir("..") == 0 || errno == ENOENT);
	CHECK(chdir("/") == 0);
}

// Catches: a relative name is not looked up in the current directory.
TEST(dir_change)
{
	CHECK(mkdir("d") == 0 && chdir("d") == 0);
	make_file("f", "inside");
	CHECK(file_is("../d/f", "inside"));
	CHECK_ERROR(chdir("f"), ENOTDIR);
	CHECK(chdir("..") == 0);
	CHECK(file_is("d/f", "inside"));
	CHECK_ERROR(open("f", O_RDONLY), ENOENT);
}

static int
count_entries(const char *path)
{
	struct dir_entry entry;
	int fd = open(path, O_RDONLY), n = 0;

	CHECK(fd >= 0);
	while (dir_next(fd, &entry) > 0)
		n++;
	close(fd);
	return n;
}

static const char *
numbered(int i)
{
	static char name[16];

	snprintf(name, sizeof(name), "file%d", i);
	return name;
}

// Catches: entries are lost when a directory grows by a block (PITFALLS 40).
TEST(dir_many_files)
{
	enum { FILES = 300 };
	int fd;

	for (int i = 0; i < FILES; i++) {
		fd = open(numbered(i), O_RDWR | O_CREATE);
		CHECK(fd >= 0);
		CHECK(write(fd, &i, sizeof(i)) == sizeof(i));
		close(fd);
	}
	CHECK(count_entries(".") == FILES);
	for (int i = 0; i < FILES; i += 2)
		CHECK(unlink(numbered(i)) == 0);
	CHECK(count_entries(".") == FILES / 2);
	for (int i = 1; i < FILES; i += 2) {
		int value = -1;

		fd = open(numbered(i), O_RDONLY);
		CHECK(fd >= 0 && read(fd, &value, sizeof(value)) == 4);
		CHECK(value == i);
		close(fd);
		CHECK(unlink(numbered(i)) == 0);
	}
	CHECK(count_entries(".") == 0);
}

// Catches: read of a directory does not return 16-byte entries with . and ..
// first.
TEST(dir_entries)
{
	struct dirent d[8];
	int fd, n, found = 0;

	make_file("one", "1");
	fd = open(".", O_RDONLY);
	n = read(fd, d, sizeof(d));
	CHECK(n >= (int)(3 * sizeof(d[0])) && n % sizeof(d[0]) == 0);
	CHECK(strcmp(d[0].name, ".") == 0 && strcmp(d[1].name, "..") == 0);
	for (uint i = 0; i < n / sizeof(d[0]); i++)
		if (d[i].inum != 0 && strcmp(d[i].name, "one") == 0)
			found++;
	CHECK(found == 1);
	CHECK_ERROR(write(fd, d, 16), EBADF);
}

// Catches: a deep tree uses up something for each level.
TEST(dir_deep)
{
	for (int i = 0; i < 60; i++)
		CHECK(mkdir("deeper") == 0 && chdir("deeper") == 0);
	make_file("bottom", "x");
	for (int i = 0; i < 60; i++)
		CHECK(chdir("..") == 0);
	CHECK(count_entries(".") == 1);
}

// Catches: a directory is moved into itself, or keeps its old `..` when it
// moves.
TEST(dir_rename)
{
	struct stat st, up;

	CHECK(mkdir("a") == 0 && mkdir("a/b") == 0 && mkdir("c") == 0);
	make_file("f", "x");
	CHECK_ERROR(rename("a", "a/b/d"), EINVAL);
	CHECK_ERROR(rename("a", "a/b"), EINVAL);
	CHECK_ERROR(rename("a", "f"), ENOTDIR);
	CHECK_ERROR(rename("f", "a"), EISDIR);
	CHECK_ERROR(rename("c", "a"), ENOTEMPTY);
	CHECK(rename("a/b", "c/b") == 0);
	CHECK(stat("c", &st) == 0 && stat("c/b/..", &up) == 0);
	CHECK(st.ino == up.ino);
	CHECK(unlink("a") == 0);
	CHECK(rename("c/b", "a") == 0);
	CHECK(unlink("c") == 0);
	CHECK(count_entries(".") == 2);
}
