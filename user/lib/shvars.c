// The shell's variables: a list of names and values.
#include "user/lib/shrun.h"
#include "user/user.h"

struct sh_var {
	struct sh_var *next;
	char *value;
	char name[];
};

static struct sh_var **
find_var(struct shell *sh, const char *name)
{
	struct sh_var **v = &sh->vars;

	while (*v && strcmp((*v)->name, name) != 0)
		v = &(*v)->next;
	return v;
}

const char *
sh_get(struct shell *sh, const char *name)
{
	struct sh_var *v = *find_var(sh, name);

	return v ? v->value : NULL;
}

void
sh_set(struct shell *sh, const char *name, const char *value)
{
	struct sh_var **at = find_var(sh, name), *v = *at;
	char *copy = strdup(value);

	if (copy && !v) {
		v = malloc(sizeof(*v) + strlen(name) + 1);
		if (v) {
			strcpy(v->name, name);
			v->value = NULL;
			v->next = NULL;
			*at = v;
		}
	}
	if (!copy || !v) {
		free(copy);
		warn("%s", name);
		return;
	}
	free(v->value);
	v->value = copy;
	if (getenv(name))
		sh_export(name, value);
}

void
sh_unset(struct shell *sh, const char *name)
{
	struct sh_var **at = find_var(sh, name), *v = *at;

	unsetenv(name);
	if (!v)
		return;
	*at = v->next;
	free(v->value);
	free(v);
}

void
sh_print_vars(struct shell *sh)
{
	for (struct sh_var *v = sh->vars; v; v = v->next)
		printf("%s=%s\n", v->name, v->value);
}

// The environment is the list of the variables that are exported.
void
sh_export(const char *name, const char *value)
{
	if (setenv(name, value ? value : "", true) < 0)
		warn("%s", name);
}

void
sh_import(struct shell *sh)
{
	for (char **e = environ; *e; e++) {
		int n = sh_is_assignment(*e);
		char *name = n > 0 ? strdup(*e) : NULL;

		if (!name)
			continue;
		name[n] = 0;
		sh_set(sh, name, *e + n + 1);
		free(name);
	}
}

int
sh_is_assignment(const char *word)
{
	int n = 0;

	while (isalpha(word[n]) || word[n] == '_' ||
	       (n > 0 && isdigit(word[n])))
		n++;
	return n > 0 && word[n] == '=' ? n : 0;
}
