// The guest's walk: part A. hv/guestwalk.h has the contract. fetch an entry
// with guest_read; record in *w what you find on the way.
int
guest_walk(const struct walk_rules *r, const struct guest_memory *m,
	   uint32_t va, uint access, struct walk *w)
{
	panic("shadow.walk: not implemented");
}
