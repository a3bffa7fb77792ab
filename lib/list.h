// A doubly linked ring through a member of its elements. The head is an element
// without a body; an empty ring is a head that points at itself.
//
//	head <-> a.link <-> b.link <-> c.link <-> head
#pragma once
#include "lib/types.h"

struct list {
	struct list *next, *prev;
};

#define LIST_INIT(name) { &(name), &(name) }

static inline void
list_init(struct list *l)
{
	l->next = l->prev = l;
}

static inline bool
list_empty(const struct list *head)
{
	return head->next == head;
}

// Puts e behind position at; list_push(head, e) is first, list_append last.
static inline void
list_push(struct list *at, struct list *e)
{
	e->next = at->next;
	e->prev = at;
	at->next->prev = e;
	at->next = e;
}

static inline void
list_append(struct list *at, struct list *e)
{
	list_push(at->prev, e);
}

// Takes e out of its ring and makes it a ring of its own. So a second
// list_remove does no harm, and list_empty(e) says that e is in no other ring.
static inline void
list_remove(struct list *e)
{
	e->prev->next = e->next;
	e->next->prev = e->prev;
	list_init(e);
}

// Moves all elements of ring `from` to the beginning of another ring.
static inline void
list_splice(struct list *head, struct list *from)
{
	if (list_empty(from))
		return;
	from->prev->next = head->next;
	head->next->prev = from->prev;
	head->next = from->next;
	from->next->prev = head;
	list_init(from);
}

#define list_entry(l, type, member) container_of(l, type, member)
#define list_first(head, type, member) list_entry((head)->next, type, member)

// Takes the first element's link out of the ring and returns it. NULL if the
// ring is empty.
static inline struct list *
list_pop(struct list *head)
{
	struct list *e = head->next;

	if (e == head)
		return NULL;
	list_remove(e);
	return e;
}

#define list_for_each(p, head, type, member)                                   \
	for (type *p = list_first(head, type, member); &p->member != (head);   \
	     p = list_first(&p->member, type, member))

// The same if the body may remove or free p. n is a name for the next element.
#define list_for_each_safe(p, n, head, type, member)                           \
	for (type *p = list_first(head, type, member),                         \
		  *n = list_first(&p->member, type, member);                   \
	     &p->member != (head);                                             \
	     p = n, n = list_first(&p->member, type, member))
