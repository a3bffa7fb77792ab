// One page for the child: the simple way, a copy at once.
static int
copy_page(pte_t e, pte_t *to)
{
	void *va = kalloc();

	if (!va)
		return -ENOMEM;
	memcpy(va, page_va(entry_page(e)), PGSIZE);
	*to = V2P(va) | PTE_FLAGS(e);
	return 0;
}

// The entries of one area. Only private pages that the program may write to
// are copied: nobody can change the others.
static int
copy_area(const struct area *a, vaddr_t base, pte_t *from, pte_t *to)
{
	bool shared = a->flags & AREA_SHARED;
	int err = 0;

	for (vaddr_t va = a->start; va < a->end; va += PGSIZE) {
		uint i = PTX(va);

		if (table_base(va) != base || !from[i])
			continue;
		if (entry_kind(from[i]) == ENTRY_RW && !shared)
			err = copy_page(from[i], &to[i]);
		else
			entry_get(to[i] = from[i]);
		if (err)
			return err;
		++*table_used(to);
	}
	return 0;
}

// A table with all its pages: part A. It copies each page at once. You write
// it anew: pages are shared, and copied by the fault of the first write.
int
table_copy(struct mm *mm, vaddr_t va, struct mm *to)
{
	void *table = kalloc_zero();
	vaddr_t base = table_base(va);
	pde_t *pde = to->pgdir + PDX(va);
	int err = 0;
	pte_t *pte;

	if (!table)
		return -ENOMEM;
	pte = table_lock(mm, base);
	list_for_each (a, &mm->areas.list, struct area, link)
		err = err ? err : copy_area(a, base, pte, table);
	*table_swapped(table) = *table_swapped(pte);
	if (!err)
		xchg(pde, PTE_P | PTE_W | PTE_U | V2P(table));
	table_unlock(pte);
	if (err)
		table_drop(table);
	else
		to->tables += to != mm;
	return err;
}
