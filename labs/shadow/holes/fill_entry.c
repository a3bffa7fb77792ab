// One entry of the shadow: part C. table_for, above, finds the shadow of the
// guest's table, or makes it.
static int
fill_entry(struct shadow_space *s, struct guest_fault *f)
{
	(void)table_for; // you will call it
	panic("shadow.fill: not implemented");
}
