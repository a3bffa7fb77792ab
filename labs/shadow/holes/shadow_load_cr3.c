// The guest has loaded CR3: part D.
void
shadow_load_cr3(struct shadow_space *s, uint32_t cr3)
{
	(void)sync; // you will call it
	panic("shadow.cr3: not implemented");
}
