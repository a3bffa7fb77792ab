// The table in hv/shadow_case.h: part B.
enum shadow_do
shadow_case(const struct shadow_view *v)
{
	panic("shadow.case: not implemented");
}
