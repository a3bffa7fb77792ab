// The shell's words: parameters get their values when a command runs.
#include "user/lib/shrun.h"
#include "user/user.h"

// A text that grows. `failed` says that there was no memory at some point.
struct text {
	char *s;
	size_t n, size;
	bool failed;
};

static void
text_add(struct text *t, const char *s, size_t n)
{
	if (t->n + n + 1 > t->size) {
		char *p = realloc(t->s, (t->n + n + 1) * 2);

		if (!p) {
			t->failed = true;
			return;
		}
		t->s = p;
		t->size = (t->n + n + 1) * 2;
	}
	memcpy(t->s + t->n, s, n);
	t->n += n;
	t->s[t->n] = 0;
}

static void
add_all_params(struct shell *sh, struct text *t)
{
	for (int i = 1; i < sh->argc; i++) {
		text_add(t, " ", i > 1);
		text_add(t, sh->argv[i], strlen(sh->argv[i]));
	}
}

// Adds the value of $c.
static void
add_param(struct shell *sh, struct text *t, char c)
{
	char number[16] = "";
	const char *value = number;

	if (c == '*')
		add_all_params(sh, t);
	else if (c == '?')
		snprintf(number, sizeof(number), "%d", sh->status);
	else if (c == '#')
		snprintf(number, sizeof(number), "%d", sh->argc - 1);
	else if (c == '$')
		snprintf(number, sizeof(number), "%d", getpid());
	else if (isdigit(c) && c - '0' < sh->argc)
		value = sh->argv[c - '0'];
	text_add(t, value, strlen(value));
}

char *
sh_expand(struct shell *sh, const char *word)
{
	struct text t = { 0 };

	text_add(&t, "", 0);
	for (; *word != 0 && !t.failed; word++) {
		if (*word == SH_PARAM && word[1] != 0)
			add_param(sh, &t, *++word);
		else
			text_add(&t, word, 1);
	}
	if (t.failed)
		err(1, "expanding a word");
	return t.s;
}

char **
sh_expand_words(struct shell *sh, const struct sh_node *c, int *argc)
{
	const struct sh_word *w;
	char **argv;
	int n = 0;

	for (w = c->words; w; w = w->next)
		n++;
	argv = malloc((n + 1) * sizeof(argv[0]));
	if (!argv)
		err(1, "%d words", n);
	n = 0;
	for (w = c->words; w; w = w->next)
		argv[n++] = sh_expand(sh, w->text);
	argv[n] = NULL;
	*argc = n;
	return argv;
}

void
sh_free_words(char **argv)
{
	for (int i = 0; argv[i]; i++)
		free(argv[i]);
	free(argv);
}
