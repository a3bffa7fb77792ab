// Files as the rest of the kernel sees them: inodes in memory and the pages of
// their contents. Nothing here knows a user address.
//
// Locks: functions take ip->lock themselves unless they say "Holds ip->lock".
// All may sleep, except inode_get. -EIO means that the disk failed.
#pragma once
#include "abi/stat.h"
#include "fs/itable.h"

// References. inode_put of the last one frees a file without names (in a
// transaction of its own): hold no inode lock and no transaction.
struct inode *inode_get(struct inode *ip);
void inode_put(struct inode *ip);
void inode_lock(struct inode *ip) __acquires(&ip->lock);
void inode_unlock(struct inode *ip) __releases(&ip->lock);

void inode_stat(struct inode *ip, struct stat *st);

// The page that holds byte off, filled, with a reference for the caller in *pg.
// Returns how many bytes from off on, in this page, are inside the file (1 to
// PGSIZE), 0 at or past the end (no page), or -EIO, -ENOMEM. A sequential
// reader gets read-ahead.
int inode_read(struct inode *ip, uint off, struct page **pg) __must_check;

// Copies n bytes from offset off on to kernel memory. Behind the file's end its
// last page reads as zeros. 0; -ENXIO (a page behind the last), -EIO, -ENOMEM.
int inode_copy(struct inode *ip, uint off, void *dst, uint n) __must_check;

// Copies n bytes (within one page of the file) from kernel memory to offset
// off, extending the file. Returns n, or -ENOSPC, -EFBIG, -EIO, -ENOMEM, -EROFS
// (a commit has failed) with nothing changed. In a transaction of its own. *off
// == INODE_END appends, atomically, and stores where; then n may be cut at a
// page's end: the count is returned.
#define INODE_END 0xFFFFFFFFu
int inode_write(struct inode *ip, uint *off, const void *src, uint n)
	__must_check;

// Sets the size. Cut pages leave the cache and all maps; new bytes read as
// zeros. 0, -EFBIG, -EIO, -ENOSPC, -ENOMEM, -EROFS; after an error the size may
// have gone a part of the way, and the call may be repeated.
int inode_truncate(struct inode *ip, uint size) __must_check;

// All of the file's data and the transactions that reach it are on disk.
int inode_fsync(struct inode *ip) __must_check;

// A file that runs must not change, because its pages are read from it one by
// one; and a file that somebody writes to is not ready to run. So a file has
// writers (files open for writing, shared maps that can write) or runners
// (address spaces whose program it is), never both. Either call counts one more
// and returns 0, or -ETXTBSY if there are some of the other kind; whoever has
// one may count another for a copy, which cannot fail. Needs a reference, never
// sleeps. unlink and rename do not change a file and do not ask.
int inode_get_write(struct inode *ip) __must_check;
void inode_put_write(struct inode *ip);
int inode_deny_write(struct inode *ip) __must_check;
void inode_allow_write(struct inode *ip);

// ---- for mm -----------------------------------------------------------------
// Page number `index` for mapping, filled, with a reference. -ENXIO past the
// end of file, -EIO, -ENOMEM. The caller then checks, under its page-table
// lock, that page_owned_by(pg, ip, index) still holds (a truncate may have come
// between).
int inode_map_page(struct inode *ip, uint index, struct page **pg) __must_check;
bool page_owned_by(const struct page *pg, const struct inode *ip, uint index);
// Gives a page of ip, about to be mapped writable and shared, a block if it is
// a hole, and marks it dirty. 0, -ENOSPC, -EIO, -ENOMEM, -EROFS, -ENXIO (no
// longer ip's).
int inode_page_writable(struct inode *ip, struct page *pg) __must_check;

// ---- for fs -----------------------------------------------------------------
// Page `index` of ip, filled, with a reference, with read-ahead if it comes in
// sequence. Not past the end. 0, -EIO, -ENOMEM. Holds ip->lock.
int inode_page(struct inode *ip, uint index, struct page **pg) __must_check;
// Frees files that lost their last name while they were open, before a crash.
// At the mount. Sleeps.
void inode_reclaim_orphans(void);
