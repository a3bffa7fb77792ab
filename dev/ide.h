// The driver of IDE disks on the two legacy channels, each with a master and a
// slave. dev/ideprobe.c finds the disks.
#pragma once
#include "dev/idecmd.h"

// Makes a channel with drives usable, interrupts and all. Returns 0, or an
// error of irq_register. From here on a request whose disk does not answer ends
// with an error when its time is over.
int ide_start(struct ide_channel *ch) __must_check;
// blk_disk's submit.
void ide_submit(struct blk_disk *d, struct blk_req *r);
