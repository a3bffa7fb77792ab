// story: the program whose page tables the film follows (make pgmovie). It
// does, one after the other, what makes pages come and go; the film's recorder
// stops the machine at each of them.
#include "user.h"

static int number = 1; // in the data page, which comes from the file

// Touches memory so far below the stack that its area has to grow.
static int
deep(void)
{
	char room[5 * 4096];

	room[0] = 1;
	// The compiler must think that it is read, or there is no room.
	__asm__ volatile("" : : "r"(room) : "memory");
	return room[0];
}

int
main(int argc, char *argv[])
{
	int *heap;
	int pid;

	number++;	       // a private copy of the file's page
	deep();		       // the stack grows
	heap = (int *)sbrk(4096);
	*heap = number;	       // a zero page
	pid = fork();
	if (pid == 0) {
		sleep(10);     // the parent waits by then
		number = 100;  // copy-on-write: the child gets a copy
		exit(0);       // all that is the child's is freed
	}
	waitpid(pid, NULL, 0);
	number = 200;	       // the parent is the last owner: no copy
	*heap = 300;
	return 0;
}
