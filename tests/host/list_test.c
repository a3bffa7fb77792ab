// Catches: an element lost or kept twice by push, append, remove or pop, a loop
// that skips an element or follows a removed one.
#include "lib/list.h"
#include <stdio.h>

struct item {
	int value;
	struct list link;
};

static int failures;

// The ring's values, forwards and backwards, must be want[0..n).
static void
expect(const char *what, struct list *head, const int *want, int n)
{
	int i = 0;
	struct list *e;

	list_for_each (p, head, struct item, link) {
		if (i >= n || p->value != want[i])
			failures++;
		i++;
	}
	for (e = head->prev; e != head; e = e->prev)
		if (--i < 0 ||
		    list_entry(e, struct item, link)->value != want[i])
			failures++;
	if (i != 0)
		failures++;
	if (failures > 0)
		fprintf(stderr, "list_test: %s\n", what);
}

static void
test_order(void)
{
	struct list head = LIST_INIT(head);
	struct item a = { .value = 1 }, b = { .value = 2 }, c = { .value = 3 };

	expect("empty", &head, NULL, 0);
	list_append(&head, &b.link);
	list_append(&head, &c.link);
	list_push(&head, &a.link);
	expect("push, append", &head, (int[]){ 1, 2, 3 }, 3);
	list_remove(&b.link);
	list_remove(&b.link);
	expect("remove twice", &head, (int[]){ 1, 3 }, 2);
	if (!list_empty(&b.link))
		failures++;
	if (list_pop(&head) != &a.link || list_pop(&head) != &c.link ||
	    list_pop(&head))
		failures++;
	expect("popped", &head, NULL, 0);
}

static void
test_safe_loop(void)
{
	struct list head = LIST_INIT(head);
	struct item items[6];

	for (int i = 0; i < 6; i++) {
		items[i].value = i;
		list_append(&head, &items[i].link);
	}
	list_for_each_safe (p, next, &head, struct item, link)
		if (p->value % 2 == 0)
			list_remove(&p->link);
	expect("even ones removed", &head, (int[]){ 1, 3, 5 }, 3);
	if (list_first(&head, struct item, link)->value != 1 ||
	    list_entry(head.prev, struct item, link)->value != 5)
		failures++;
}

int
main(void)
{
	test_order();
	test_safe_loop();
	return failures != 0;
}
