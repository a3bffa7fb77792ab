// What other.c gives to standard.c.
int other(int n);
void posix(void);
