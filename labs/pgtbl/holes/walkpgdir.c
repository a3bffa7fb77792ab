// The entry of an address; vm.h has the contract. Part A.
pte_t *
walkpgdir(pde_t *pgdir, const void *va, int alloc)
{
	panic("pgtbl.walkpgdir: not implemented");
}
