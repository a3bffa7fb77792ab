// What the calls procinfo, meminfo, vminfo and gettime return.
#pragma once

enum proc_state { PROC_RUNNING = 1, PROC_READY, PROC_SLEEPING, PROC_ZOMBIE };

// procinfo(index) tells about the process with the least number above index,
// and returns that number. With this bit in index it tells about threads, and
// returns the thread's number with the bit.
#define PROCINFO_THREADS 0x40000000

struct procinfo {
	int pid;
	int ppid;
	int group;
	int state;          // enum proc_state
	unsigned int pages; // resident pages of its address space
	unsigned int size;  // bytes of its areas
	int ticks;          // processor time used, in ticks
	char name[16];
	char wait[16];      // where it sleeps, "" if it does not
	int tid;            // the thread's number; of a process: its own
	int threads;        // how many threads the process has
};

// The time: as the machine's clock had it at the start, and the ticks since.
struct wall_time {
	unsigned int seconds;     // since 1970 began, UTC if the clock has that
	unsigned int nanoseconds; // in steps of a tick
};

#define AREA_NAME 16 // bytes of an area's name, its 0 included

struct meminfo {
	unsigned int total;  // frames that the allocator was given
	unsigned int free;   // frames on the free list
	unsigned int cached; // frames of the file cache, in use or not
	unsigned int dirty;  // cached frames that are not on disk yet
	unsigned int waits;  // times that a thread waited for the disk
	unsigned int reads;  // blocks read from disk since the start
	unsigned int writes; // blocks written to disk since the start
};

// What a page fault did: enum fault_do of mm/fault_case.h, in its order.
#define VM_FAULT_NAMES                                                         \
	"grow", "refuse", "nothing", "unhide", "bring back", "zero", "fill",   \
		"map", "copy", "share", "unshare"
#define VM_FAULTS 16 // there is room for some more

#define VM_GUESTS 16 // counts of enum guest_count

// Counts since the start, but for the first two. vminfo copies as many bytes as
// its caller has room for, so that the struct can grow.
struct vminfo {
	unsigned int swap_total;  // slots
	unsigned int swap_free;   // free slots
	unsigned int swap_in;     // pages read from swap
	unsigned int swap_out;    // pages written to swap
	unsigned int swap_clean;  // pages that left without a write
	unsigned int looked;      // entries that the clock's hand has passed
	unsigned int spared;      // ... used since it was there last
	unsigned int file_taken;  // ... of a file's page that was taken out
	unsigned int touched;     // pages touched on their way out, which stay
	unsigned int tlb_flushes; // times that CPUs had to forget translations
	unsigned int tlb_sent;    // interrupts sent to other CPUs for that
	unsigned int faults[VM_FAULTS]; // page faults, by what was done
	unsigned int guests[VM_GUESTS]; // abi/guest.h, in its order
};

// What vminfo returns for one process.
struct vmproc {
	unsigned int pages;   // in memory
	unsigned int swapped; // in swap
	unsigned int tables;  // page tables
};
