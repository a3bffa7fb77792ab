// A new directory in which kmap[] is mapped. Part C.
pde_t *
setupkvm(void)
{
	panic("pgtbl.setupkvm: not implemented");
}
