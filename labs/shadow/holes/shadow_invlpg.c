// The guest says that one address has changed: part D.
void
shadow_invlpg(struct shadow_space *s, uint32_t va)
{
	panic("shadow.invlpg: not implemented");
}
