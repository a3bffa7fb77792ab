// A private page without W, and a program that may write to it: part B. This
// one always makes a copy, even if nobody else has the page.
static int
do_unshare(struct fault *f)
{
	return install_copy(f, page_of_pa(PTE_ADDR(f->seen)));
}
