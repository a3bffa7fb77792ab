// The many names of exec (POSIX): what was written to streams is sent first.
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

char *path_search(const char *name); // user/user.h

#define ARGUMENTS 512

int
execv(const char *path, char *const argv[])
{
	return execve(path, argv, environ);
}

int
execve(const char *path, char *const argv[], char *const envp[])
{
	int sys_execve(const char *, char *const[], char *const[]);

	fflush(NULL);
	return sys_execve(path, argv, envp);
}

int
execvp(const char *name, char *const argv[])
{
	char *path = path_search(name);

	if (!path)
		return -1;
	execv(path, argv);
	free(path);
	return -1;
}

// Gathers the arguments up to the NULL. False: there are too many.
static int
gather(char *argv[ARGUMENTS], const char *first, va_list *ap)
{
	int n = 0;

	argv[n++] = (char *)first;
	while (argv[n - 1] && n < ARGUMENTS)
		argv[n++] = va_arg(*ap, char *);
	errno = E2BIG;
	return !argv[n - 1];
}

int
execl(const char *path, const char *arg, ...)
{
	char *argv[ARGUMENTS];
	va_list ap;
	int ok;

	va_start(ap, arg);
	ok = gather(argv, arg, &ap);
	va_end(ap);
	return ok ? execv(path, argv) : -1;
}

int
execlp(const char *name, const char *arg, ...)
{
	char *argv[ARGUMENTS];
	va_list ap;
	int ok;

	va_start(ap, arg);
	ok = gather(argv, arg, &ap);
	va_end(ap);
	return ok ? execvp(name, argv) : -1;
}

int
execle(const char *path, const char *arg, ...)
{
	char *argv[ARGUMENTS], **envp = NULL;
	va_list ap;
	int ok;

	va_start(ap, arg);
	ok = gather(argv, arg, &ap);
	if (ok)
		envp = va_arg(ap, char **);
	va_end(ap);
	return ok ? execve(path, argv, envp) : -1;
}

// ---- A command at the other end of a pipe -----------------------------------

static struct {
	FILE *f; // NULL: this place is free
	int pid;
} commands[16];

static void
run_command(const char *command, int fd[2], int mine)
{
	dup2(fd[!mine], !mine);
	close(fd[0]);
	close(fd[1]);
	execl("/sh", "sh", "-c", command, (char *)NULL);
	_exit(127);
}

FILE *
popen(const char *command, const char *mode)
{
	int mine = *mode == 'w', fd[2], i = 0, pid;

	while (i < 16 && commands[i].f)
		i++;
	errno = i < 16 ? EINVAL : EMFILE;
	if (i == 16 || (*mode != 'r' && *mode != 'w') || pipe(fd) < 0)
		return NULL;
	fflush(NULL);
	pid = fork();
	if (pid == 0)
		run_command(command, fd, mine);
	close(fd[!mine]);
	fcntl(fd[mine], F_SETFD, FD_CLOEXEC);
	if (pid > 0)
		commands[i].f = fdopen(fd[mine], mode);
	commands[i].pid = pid;
	if (!commands[i].f)
		close(fd[mine]);
	return commands[i].f;
}

int
pclose(FILE *f)
{
	int i = 0, status = -1;

	while (i < 16 && commands[i].f != f)
		i++;
	if (i == 16)
		return -1;
	commands[i].f = NULL;
	fclose(f);
	waitpid(commands[i].pid, &status, 0);
	return status;
}
