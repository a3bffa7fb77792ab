// The locks of the library's own data (thread.h). They stand apart from the
// mutexes: a program without threads has malloc, and needs no more of this.
#include "user/lib/thread.h"

// From here on the word is 2 while it is locked, as the sleepers cannot be
// counted. One wake too much is the worst that follows.
void
lock_wait(int *word)
{
	while (__atomic_exchange_n(word, 2, __ATOMIC_SEQ_CST))
		futex_wait(word, 2, -1);
}
