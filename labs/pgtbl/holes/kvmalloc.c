// Builds kpgdir and runs on it. vm.h has the
// contract; part D of the handout has the steps.
void
kvmalloc(void)
{
	panic("pgtbl.kvmalloc: not implemented");
}
