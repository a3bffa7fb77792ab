// The shell's if, while and for.
#include "user/lib/shrun.h"
#include "user/user.h"

int
sh_watcher(void)
{
	int pid = fork();

	if (pid == 0)
		for (;;)
			sleep(1000 * HZ);
	if (pid > 0) {
		setpgid(pid, pid);
		setfg(pid);
	}
	return pid;
}

// Has Ctrl-C come, also between two commands of a loop?
static bool
interrupted(struct shell *sh)
{
	if (sh->watcher > 0 && waitpid(sh->watcher, NULL, WNOHANG) > 0) {
		sh->watcher = -1;
		sh->interrupted = true;
	}
	return sh->interrupted;
}

static bool
stopped(struct shell *sh)
{
	return interrupted(sh) || sh->leave > 0;
}

// The value of a condition: did its last command succeed?
static bool
holds(struct shell *sh, struct sh_node *list)
{
	sh_run(sh, list);
	return sh->status == 0 && !stopped(sh);
}

static void
run_if(struct shell *sh, struct sh_node *c)
{
	struct sh_node *n;

	for (n = c->first; n->next; n = n->next->next) {
		if (holds(sh, n)) {
			sh_run(sh, n->next);
			return;
		}
		if (stopped(sh))
			return;
		sh->status = 0;
		if (!n->next->next)
			return;
	}
	sh_run(sh, n); // else
}

// After a turn of a loop: does it go on? break and continue count the loops
// that they leave; the last one of a continue goes on.
static bool
next_turn(struct shell *sh)
{
	if (interrupted(sh))
		return false;
	if (sh->leave == 0)
		return true;
	return --sh->leave == 0 && sh->again;
}

static void
run_while(struct shell *sh, struct sh_node *c)
{
	int status = 0;

	do {
		sh_run(sh, c->first);
		if (stopped(sh))
			continue; // a break in the condition is one in the loop
		if ((sh->status == 0) == c->negated)
			break;
		sh_run(sh, c->first->next);
		status = sh->status;
	} while (next_turn(sh));
	if (!sh->interrupted)
		sh->status = status;
}

static void
run_for(struct shell *sh, struct sh_node *c)
{
	struct sh_word all = {
		.text = (char[]){SH_QUOTED, SH_PARAM, '@', SH_QUOTED, 0}};
	int argc;
	char **argv =
		sh_expand_words(sh, c->negated ? &all : c->words->next, &argc);

	sh->status = 0;
	for (int i = 0; i < argc; i++) {
		sh_set(sh, c->words->text, argv[i]);
		sh_run(sh, c->first);
		if (!next_turn(sh))
			break;
	}
	sh_free_words(argv);
}

void
sh_run_compound(struct shell *sh, struct sh_node *c)
{
	if (c->kind == SH_IF) {
		run_if(sh, c);
		return;
	}
	if (sh->jobs && sh->loops == 0)
		sh->watcher = sh_watcher();
	sh->loops++;
	if (c->kind == SH_WHILE)
		run_while(sh, c);
	else
		run_for(sh, c);
	if (--sh->loops > 0 || !sh->jobs)
		return;
	interrupted(sh);
	if (sh->watcher > 0) {
		kill(sh->watcher);
		waitpid(sh->watcher, NULL, 0);
	}
	sh->watcher = 0;
	setfg(0);
}
