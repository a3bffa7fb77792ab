// Tables that several spaces have: part D. There are none: each space has its
// own.
int
table_fork(struct mm *parent, struct mm *child, vaddr_t va)
{
	return table_copy(parent, va, child);
}

int
table_own(struct mm *mm, vaddr_t va)
{
	return 0;
}
