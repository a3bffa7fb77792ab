// Limits that programs can see.
#pragma once

#define NPROC    512  // processes, zombies included
#define NTHREAD  960  // threads of all processes, and zombies
#define NOFILE   32   // open files of a process
#define ARG_MAX  4096 // exec's arguments with their pointers, in bytes
#define NAME_MAX 14   // a directory entry's name; a longer one is cut
#define PATH_MAX 1024 // a path with its final 0
#define HZ       100  // ticks a second, the unit of sleep and uptime
