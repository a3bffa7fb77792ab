// The lines that were typed, the newest HISTORY_MAX of them.
#include "user/lib/lineedit.h"
#include "user/user.h"

static char
	*history[HISTORY_MAX]; // a ring: history_count % HISTORY_MAX is next
static int history_count;

void
history_add(const char *line)
{
	const char *newest = history_get(0);
	char **slot = &history[history_count % HISTORY_MAX];
	char *copy;

	if (line[0] == 0 || (newest && strcmp(newest, line) == 0))
		return;
	copy = strdup(line);
	if (!copy)
		return;
	free(*slot);
	*slot = copy;
	history_count++;
}

const char *
history_get(int n)
{
	if (n < 0 || n >= HISTORY_MAX || n >= history_count)
		return NULL;
	return history[(history_count - 1 - n) % HISTORY_MAX];
}
