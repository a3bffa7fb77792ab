// What is still right in the shadow t of a table? Part D. now: the guest's
// entries as they are now.
static void
compare_entries(struct shadow_space *s, struct shadow *t, const pte_t *now)
{
	panic("shadow.sync: not implemented");
}
