// When does a shadow's entry have W? Part B.
bool
shadow_may_write(const struct shadow_view *v)
{
	panic("shadow.may-write: not implemented");
}
