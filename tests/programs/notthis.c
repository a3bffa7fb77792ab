// Another program of the same folder: its main is not NAME's, so it is left
// out.
int
main(void)
{
	return 99;
}
