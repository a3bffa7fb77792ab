// What the calls procinfo and meminfo return.
#pragma once

enum proc_state { PROC_RUNNING = 1, PROC_READY, PROC_SLEEPING, PROC_ZOMBIE };

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
