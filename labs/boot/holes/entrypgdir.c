// The first page directory: part A. Nothing is mapped yet.
__attribute__((aligned(PGSIZE))) pde_t entrypgdir[NPDENTRIES] = {
	0,
};
