// help: lists the programs with a line each.
#include "user.h"

static const struct {
	const char *name, *args, *text;
} programs[] = {
	{ "bench", "[-g | -l | ROW...]", "count what operations cost" },
	{ "cat", "[FILE...]", "print files" },
	{ "cd", "[DIRECTORY]", "change the directory (the shell's own)" },
	{ "cp", "FILE... TO", "copy files" },
	{ "echo", "[-n] [TEXT...]", "print text" },
	{ "exit", "[STATUS]", "leave the shell (its own)" },
	{ "false", "", "fail" },
	{ "free", "", "say how memory is used" },
	{ "grep", "[-v] [-n] PATTERN [FILE...]", "print lines that match" },
	{ "head", "[-n LINES] [FILE...]", "print the first lines" },
	{ "help", "", "print this list" },
	{ "hexdump", "[FILE...]", "print files as bytes" },
	{ "init", "", "the first process; starts the shell" },
	{ "kill", "PID...", "end processes" },
	{ "ln", "FILE NEWNAME", "give a file a second name" },
	{ "ls", "[NAME...]", "list directories and files" },
	{ "mkdir", "DIRECTORY...", "make directories" },
	{ "more", "[FILE...]", "print files a screen at a time" },
	{ "mv", "NAME... TO", "rename or move" },
	{ "poweroff", "", "switch the machine off" },
	{ "ps", "[-l]", "list processes" },
	{ "pt", "[PID]", "print the page tables of a process" },
	{ "pwd", "", "print the current directory" },
	{ "reboot", "", "start the machine anew" },
	{ "rm", "[-r] NAME...", "remove files and directories" },
	{ "sh", "[-c TEXT | FILE] [ARG...]", "the shell" },
	{ "sleep", "SECONDS", "wait" },
	{ "sync", "", "write everything to disk" },
	{ "tee", "[-a] [FILE...]", "copy the input to files too" },
	{ "time", "PROGRAM [ARG...]", "say how long a program runs" },
	{ "touch", "FILE...", "make empty files" },
	{ "true", "", "succeed" },
	{ "usertests", "[-l] [NAME...]", "test the kernel from a program" },
	{ "wait", "", "wait for background commands (the shell's own)" },
	{ "wc", "[FILE...]", "count lines, words and bytes" },
};

int
main(int argc, char *argv[])
{
	if (argc > 1)
		usage("");
	printf("The shell knows a | b, < > >>, a && b, a || b, a ; b, a &, "
	       "( ), 'quotes', $? and #.\n");
	for (uint i = 0; i < countof(programs); i++) {
		char left[48];

		snprintf(left, sizeof(left), "%s %s", programs[i].name,
			 programs[i].args);
		if (printf("%-33s %s\n", left, programs[i].text) < 0)
			err(1, "write");
	}
	return 0;
}
