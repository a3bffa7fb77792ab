// Maps a range; vm.h has the contract. Part B.
int
mappages(pde_t *pgdir, void *va, uint size, paddr_t pa, int perm)
{
	panic("pgtbl.mappages: not implemented");
}
