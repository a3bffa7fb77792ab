// Limits that programs size their loops and arrays by: xv6's numbers, which are
// not above ours.
#pragma once

#define FSSIZE      1000
#define LOGSIZE     30
#define MAXARG      32
#define MAXOPBLOCKS 10
#define NOFILE      16
#define NPROC       64
