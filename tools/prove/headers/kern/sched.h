// Threads: nothing of them is needed to build page tables.
#pragma once
struct thread {
	unsigned cr3;
};
struct thread *thread_this(void);
void thread_load_cr3(unsigned cr3);
