"""Programs that were written for xv6 on the PC: make COMPAT=xv6-x86 EXTRA_SRC=... builds
them unchanged."""
import subprocess

import pytest
from machine import ROOT, make_env

# As a student of xv6 writes: exit and wait without a status, printf with a file number.
OLD = r'''
#include "types.h"
#include "stat.h"
#include "user.h"
#include "fcntl.h"

int
main(int argc, char *argv[])
{
	struct stat st;
	char word[20];
	int fd = open("old.txt", O_CREATE | O_RDWR), pid;

	printf(fd, "%s %d %x", argv[1], argc, 255);
	close(fd);
	if((pid = fork()) == 0)
		exit();
	if(wait() != pid || stat("old.txt", &st) < 0 || st.type != T_FILE)
		printf(2, "wrong\n");
	gets(word, sizeof(word));
	printf(1, "size %d, read %s", st.size, word);
	exit();
}
'''


@pytest.mark.in_tree
def test_old_program(machine, tmp_path):
    """Catches an EXTRA_SRC that is not built or not on the disk, and headers that an old
    program does not compile with, or that mean something else than xv6's."""
    (tmp_path / "old.c").write_text(OLD)
    image = tmp_path / "fs.img"
    done = subprocess.run(["make", "-s", "COMPAT=xv6-x86",
                           f"EXTRA_SRC={tmp_path}/old.c", f"FSIMG={image}"], cwd=ROOT,
                          env=make_env(), capture_output=True, text=True, timeout=300,
                          check=False)
    assert done.returncode == 0 and "warning" not in done.stderr, done.stderr
    m = machine(fs=str(image)).boot()
    assert m.run("echo word | old first") == "size 10, read word\n"
    assert m.run("cat old.txt; echo") == "first 2 ff\n"
