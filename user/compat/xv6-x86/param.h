// Limits that programs size their loops and arrays by: xv6's numbers, which are
// not above ours.
#pragma once

#define NPROC       64
#define KSTACKSIZE  4096
#define NCPU        8
#define NOFILE      16
#define NFILE       100
#define NINODE      50
#define NDEV        10
#define ROOTDEV     1
#define MAXARG      32
#define MAXOPBLOCKS 10
#define LOGSIZE     (MAXOPBLOCKS * 3)
#define NBUF        (MAXOPBLOCKS * 3)
#define FSSIZE      1000
