// The directory of a new process. Part E.
pde_t *
pgdir_new(void)
{
	panic("pgtbl.pgdir_new: not implemented");
}
