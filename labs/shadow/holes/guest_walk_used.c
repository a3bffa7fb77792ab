// A and D: part A. hv/guestwalk.h has the contract.
int
guest_walk_used(const struct guest_memory *m, uint access, struct walk *w)
{
	panic("shadow.used: not implemented");
}
