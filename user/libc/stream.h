// A stream. Its buffer holds what has been read and not taken, or what has been
// written and not sent: `mode` says which.
#pragma once
#include "user/include/stdio.h"

enum mode { IDLE, READING, WRITING };

struct libc_file {
	int fd;
	enum mode mode;
	int buffering;      // _IOFBF, _IOLBF, _IONBF
	int eof, error;
	int pos, len;       // of buf, while reading; len while writing
	int pushed;         // by ungetc, or EOF
	FILE *next;
	char buf[BUFSIZ];
};

// Sends what was written. 0 or EOF.
int libc_send(FILE *f);
// Gives back what was read too far, or sends what was not sent.
int libc_settle(FILE *f);
