// The string functions of C, one set for kernel, programs and host tests.
// Overlap is allowed in memmove only. memset, memcpy and memmove use rep
// stosl/movsl where they are compiled for i386.
#pragma once
#include "lib/types.h"

void *memset(void *dst, int c, size_t n);
void *memcpy(void *dst, const void *src, size_t n);
void *memmove(void *dst, const void *src, size_t n);
int memcmp(const void *a, const void *b, size_t n);
void *memchr(const void *s, int c, size_t n);
size_t strlen(const char *s);
size_t strnlen(const char *s, size_t max);
int strcmp(const char *a, const char *b);
int strncmp(const char *a, const char *b, size_t n);
char *strchr(const char *s, int c);
char *strrchr(const char *s, int c);
char *strstr(const char *s, const char *what);
char *strcpy(char *dst, const char *src);
char *strncpy(char *dst, const char *src, size_t n);

// Copies as much of src as fits into size bytes (at least 1), always with a
// final 0. Returns strlen(src): if that is size or more, the copy is cut.
size_t strlcpy(char *dst, const char *src, size_t size);
