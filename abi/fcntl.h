// Flags of open, whence of lseek, commands of fcntl.
//
// A file that runs is not written to: open for writing or with O_TRUNC is
// ETXTBSY. exec of a file that is open for writing is ETXTBSY, too.
#pragma once

#define O_RDONLY 0x000
#define O_WRONLY 0x001
#define O_RDWR   0x002
#define O_ACCMODE 0x003
#define O_CREATE 0x200
#define O_CREAT  O_CREATE  // POSIX's name
#define O_TRUNC  0x400
#define O_APPEND 0x800
#define O_EXCL   0x1000    // with O_CREATE: EEXIST if the name is there
#define O_CLOEXEC 0x2000   // exec closes it

#define SEEK_SET 0
#define SEEK_CUR 1
#define SEEK_END 2

#define F_DUPFD 0 // a copy, the lowest free number from the argument on
#define F_GETFD 1 // FD_CLOEXEC or 0
#define F_SETFD 2
#define F_GETFL 3 // O_RDONLY, O_WRONLY or O_RDWR, and O_APPEND

#define FD_CLOEXEC 1 // exec closes this number
