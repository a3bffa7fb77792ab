// What CPUs must forget before the child runs: part C. Nothing, as long as
// fork copies: then no entry of the parent changes.
static void
forget_writes(struct mm *parent)
{
}
