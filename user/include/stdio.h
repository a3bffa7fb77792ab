// Input and output by streams (ISO C 7.21). The console is line buffered.
#pragma once
#include <stdarg.h>
#include <stddef.h>

#define EOF      (-1)
#define BUFSIZ   1024
#define FILENAME_MAX 256
#define FOPEN_MAX 16
#define L_tmpnam 32
#define SEEK_SET 0
#define SEEK_CUR 1
#define SEEK_END 2
enum { _IOFBF, _IOLBF, _IONBF };

typedef struct libc_file FILE;
typedef long fpos_t;
extern FILE *libc_files[3];
#define stdin  (libc_files[0])
#define stdout (libc_files[1])
#define stderr (libc_files[2])

// The library of the programs of this project has unbuffered functions of the
// same names (user/user.h): these here have names of their own in the objects.
#define printf    libc_printf
#define puts      libc_puts
#define putchar   libc_putchar
#define snprintf  libc_snprintf
#define vsnprintf libc_vsnprintf
#define perror    libc_perror

FILE *fopen(const char *path, const char *mode);
FILE *fdopen(int fd, const char *mode);
FILE *freopen(const char *path, const char *mode, FILE *f);
int fclose(FILE *f);
int fflush(FILE *f); // NULL: all
int fileno(FILE *f);
int setvbuf(FILE *f, char *buf, int mode, size_t size);
void setbuf(FILE *f, char *buf);
FILE *tmpfile(void);
char *tmpnam(char *buf);
int remove(const char *path);
int rename(const char *from, const char *to);

size_t fread(void *to, size_t size, size_t count, FILE *f);
size_t fwrite(const void *from, size_t size, size_t count, FILE *f);
int fgetc(FILE *f), getc(FILE *f), getchar(void);
int fputc(int c, FILE *f), putc(int c, FILE *f), putchar(int c);
int ungetc(int c, FILE *f);
char *fgets(char *buf, int size, FILE *f);
int fputs(const char *s, FILE *f);
int puts(const char *s);
long getline(char **line, size_t *size, FILE *f);
int fseek(FILE *f, long off, int whence);
long ftell(FILE *f);
void rewind(FILE *f);
int fgetpos(FILE *f, fpos_t *at);
int fsetpos(FILE *f, const fpos_t *at);
int feof(FILE *f), ferror(FILE *f);
void clearerr(FILE *f);
void perror(const char *s);

#define LIBC_PRINTF(n) __attribute__((format(__printf__, n, n + 1)))
int printf(const char *fmt, ...) LIBC_PRINTF(1);
int fprintf(FILE *f, const char *fmt, ...) LIBC_PRINTF(2);
int sprintf(char *buf, const char *fmt, ...) LIBC_PRINTF(2);
int snprintf(char *buf, size_t size, const char *fmt, ...) LIBC_PRINTF(3);
int vprintf(const char *fmt, va_list ap);
int vfprintf(FILE *f, const char *fmt, va_list ap);
int vsprintf(char *buf, const char *fmt, va_list ap);
int vsnprintf(char *buf, size_t size, const char *fmt, va_list ap);

int scanf(const char *fmt, ...) __attribute__((format(__scanf__, 1, 2)));
int fscanf(FILE *f, const char *fmt, ...)
	__attribute__((format(__scanf__, 2, 3)));
int sscanf(const char *s, const char *fmt, ...)
	__attribute__((format(__scanf__, 2, 3)));
int vscanf(const char *fmt, va_list ap);
int vfscanf(FILE *f, const char *fmt, va_list ap);
int vsscanf(const char *s, const char *fmt, va_list ap);

FILE *popen(const char *command, const char *mode);
int pclose(FILE *f); // the command's status
