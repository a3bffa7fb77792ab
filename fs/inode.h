// Files as the rest of the kernel sees them: inodes in memory and the pages of
// their contents. Nothing here knows a user address.
//
// Locks: a function takes ip->lock itself unless it says "Holds ip->lock". All
// functions may sleep, except inode_get and the four counts of writers. -EIO
// means that the disk has failed or is damaged.
#pragma once
#include "abi/stat.h"
#include "fs/itable.h"

// References. If a file has no names, inode_put of the last reference frees the
// file in operations of its own. So the caller of inode_put holds no inode's
// lock and has no operation open.
struct inode *inode_get(struct inode *ip);
void inode_put(struct inode *ip);
void inode_lock(struct inode *ip) __acquires(&ip->lock);
void inode_unlock(struct inode *ip) __releases(&ip->lock);

// Never sleeps. The gaps in *st stay as they are.
void inode_stat(const struct inode *ip, struct stat *st);

// *pg gets the page that holds byte off, filled, with a reference. Returns how
// many bytes of the page, from off on, are inside the file (1 to PGSIZE); 0 at
// or behind the end, without a page; or -EIO, -ENOMEM. Reads ahead if the file
// is read in sequence.
int inode_read(struct inode *ip, uint off, struct page **pg) __must_check;

// Copies n bytes of the file, from offset off on, to kernel memory. In the last
// page, bytes behind the end of the file read as zeros. 0, -ENXIO (a page
// behind the last one), -EIO, -ENOMEM.
int inode_copy(struct inode *ip, uint off, void *dst, uint n) __must_check;

// Copies n bytes from kernel memory to offset *off of the file, which grows if
// it has to. The bytes lie within one page of the file. Returns n, or with
// nothing changed -ENOSPC, -EFBIG, -EIO, -ENOMEM, -EROFS (a commit has failed).
// If *off is INODE_END, the bytes go to the end of the file in one step, and
// *off gets that place. Then the count may be smaller than n: the write stops
// at the end of the page.
#define INODE_END 0xFFFFFFFFu
int inode_write(struct inode *ip, uint *off, const void *src, uint n)
	__must_check;

// Sets the size. Pages behind the new end leave the cache and all maps. New
// bytes read as zeros. 0, -EFBIG, -EIO, -ENOSPC, -ENOMEM, -EROFS. After an
// error the size may be between the old one and the new one; the call may be
// repeated.
int inode_truncate(struct inode *ip, uint size) __must_check;

// Writes the data of the file and what leads to it to the disk. 0 or -EIO.
int inode_fsync(struct inode *ip) __must_check;

// Writers and runners. A file that runs must not change, because its pages are
// read one by one while the program runs. A file that somebody writes to is not
// ready to run. So a file has writers (files open for writing, shared maps that
// can write) or runners (address spaces that run it), never both.
// inode_get_write counts a writer, inode_deny_write a runner. Both return 0, or
// -ETXTBSY if the file has some of the other kind. So to count a copy of a
// writer or of a runner cannot fail. The caller has a reference. unlink and
// rename are not writers: they change names, not files.
int inode_get_write(struct inode *ip) __must_check;
void inode_put_write(struct inode *ip);
int inode_deny_write(struct inode *ip) __must_check;
void inode_allow_write(struct inode *ip);

// ---- for mm -----------------------------------------------------------------
// *pg gets page `index` for a map, filled, with a reference. 0, -ENXIO (behind
// the end of the file), -EIO, -ENOMEM. A truncate may come before the caller
// uses the page. So the caller asks page_owned_by(pg, ip, index) under its
// page-table lock.
int inode_map_page(struct inode *ip, uint index, struct page **pg) __must_check;
// The same for the n pages from index on, as far as they are in the cache:
// pg[i] is page index + i, or NULL. Never sleeps.
void inode_cached_pages(struct inode *ip, uint index, uint n, struct page **pg);
bool page_owned_by(const struct page *pg, const struct inode *ip, uint index);
// Where pages of ip lie: as map_find (fs/map.h). Takes ip->lock.
int inode_blocks(struct inode *ip, uint index, uint max, uint *block, uint *run)
	__must_check;
// For a page of ip that is to be mapped shared and writable: gives it a block
// if it is a hole, and marks it dirty. 0, -ENOSPC, -EIO, -ENOMEM, -EROFS, or
// -ENXIO (the page is not ip's any more).
int inode_page_writable(struct inode *ip, struct page *pg) __must_check;

// ---- for fs -----------------------------------------------------------------
// *pg gets page `index` of ip, which is not behind the end, filled, with a
// reference. Reads ahead in a sequence. 0, -EIO, -ENOMEM. Holds ip->lock.
int inode_page(struct inode *ip, uint index, struct page **pg) __must_check;
// At the mount: frees the files that had no names when the machine went down.
void inode_reclaim_orphans(void);
