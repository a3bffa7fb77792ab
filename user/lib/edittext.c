// The editor's text (user/lib/edittext.h).
#include "user/lib/edittext.h"
#include "user/user.h"

struct change {
	struct change *before;
	bool inserted;
	int at, n;
	char removed[]; // what was taken out
};

static bool
make_room(struct text *t, int n)
{
	char *s;

	if (t->len + n + 1 <= t->size)
		return true;
	s = realloc(t->s, 2 * (t->len + n) + 1024);
	if (!s)
		return false;
	t->s = s;
	t->size = 2 * (t->len + n) + 1024;
	return true;
}

static void
put(struct text *t, int at, const char *s, int n)
{
	memmove(t->s + at + n, t->s + at, t->len - at);
	memcpy(t->s + at, s, n);
	t->len += n;
}

static void
take(struct text *t, int at, int n)
{
	memmove(t->s + at, t->s + at + n, t->len - at - n);
	t->len -= n;
}

bool
text_insert(struct text *t, int at, const char *s, int n)
{
	struct change *c = t->last;

	if (!make_room(t, n))
		return false;
	if (c && c->inserted && c->at + c->n == at && *s != '\n') {
		c->n += n;
	} else {
		c = malloc(sizeof(*c));
		if (!c)
			return false;
		*c = (struct change){ t->last, true, at, n };
		t->last = c;
	}
	put(t, at, s, n);
	return true;
}

bool
text_remove(struct text *t, int at, int n)
{
	struct change *c = malloc(sizeof(*c) + n);

	if (!c)
		return false;
	*c = (struct change){ t->last, false, at, n };
	memcpy(c->removed, t->s + at, n);
	t->last = c;
	take(t, at, n);
	return true;
}

int
text_undo(struct text *t)
{
	struct change *c = t->last;
	int at;

	if (!c || (!c->inserted && !make_room(t, c->n)))
		return -1;
	if (c->inserted)
		take(t, c->at, c->n);
	else
		put(t, c->at, c->removed, c->n);
	at = c->at;
	t->last = c->before;
	free(c);
	return at;
}

int
text_line(const struct text *t, int at)
{
	while (at > 0 && t->s[at - 1] != '\n')
		at--;
	return at;
}

int
text_line_end(const struct text *t, int at)
{
	while (at < t->len && t->s[at] != '\n')
		at++;
	return at;
}

int
text_find(const struct text *t, int at, const char *what)
{
	int n = strlen(what);

	for (int i = 1; i <= t->len; i++) {
		int k = (at + i) % (t->len + 1);

		if (k + n <= t->len && memcmp(t->s + k, what, n) == 0)
			return k;
	}
	return -1;
}
