// The file of an image, on the host.
#pragma once
#include <stdbool.h>
#include <stddef.h>

#define DISK_BLOCK 4096

struct disk {
	const char *path;
	unsigned char *bytes; // a private copy of the file
	size_t size;
};

// Prints "fsput: " and the text, and ends the program with status 1.
__attribute__((noreturn, format(printf, 1, 2))) void die(const char *fmt, ...);

// Maps the file into memory, or dies, for example if a machine runs on it. The
// file is locked until the program ends.
void disk_open(struct disk *k, const char *path);
// Replaces the file by the bytes in memory, or dies and leaves it as it is. The
// program `fsck` must call the new image clean.
void disk_save(const struct disk *k, const char *fsck);
// Does a machine have this file open for writing?
bool disk_in_use(const char *path);
