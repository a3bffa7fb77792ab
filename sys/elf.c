// Checks of what a file claims, before an address space is built from it. A sum
// of two numbers from the file could overflow, so each is written as a
// difference that cannot.
#include "sys/elf.h"
#include "abi/errno.h"
#include "mmu.h"

int
elf_begin(struct elf_image *e, const struct elf_header *h, uint32_t limit)
{
	if (h->magic != ELF_MAGIC || h->class != ELF_CLASS32 ||
	    h->type != ELF_EXEC || h->machine != ELF_386)
		return -ENOEXEC;
	if (h->phentsize != sizeof(struct elf_segment) || h->phnum == 0 ||
	    h->phnum > ELF_HEADERS_MAX || h->entry >= limit)
		return -ENOEXEC;
	if (h->phoff > UINT32_MAX - h->phnum * sizeof(struct elf_segment))
		return -ENOEXEC;
	e->entry = h->entry;
	e->phoff = h->phoff;
	e->phnum = h->phnum;
	e->limit = limit;
	e->end = 0;
	e->count = 0;
	return 0;
}

// Without file bytes the offset means nothing: a linker may leave any number.
static bool
in_file(const struct elf_segment *s, uint32_t filesize)
{
	return s->filesz == 0 ||
	       (s->offset <= filesize && s->filesz <= filesize - s->offset);
}

int
elf_add(struct elf_image *e, const struct elf_segment *s, uint32_t filesize)
{
	if (s->type != PT_LOAD || s->memsz == 0)
		return 0;
	if (e->count == ELF_LOADS_MAX || s->filesz > s->memsz ||
	    !in_file(s, filesize))
		return -ENOEXEC;
	// The format demands rising addresses, so one comparison finds any
	// overlap.
	if (s->vaddr < e->end || s->vaddr >= e->limit ||
	    s->memsz > e->limit - s->vaddr)
		return -ENOEXEC;
	e->load[e->count++] = (struct elf_load){
		.va = s->vaddr,
		.memsz = s->memsz,
		.off = s->offset,
		.filesz = s->filesz,
		.write = s->flags & PF_WRITE,
	};
	e->end = s->vaddr + s->memsz;
	return 0;
}

uint
elf_group(const struct elf_image *e, uint i)
{
	uint n = 1;

	while (i + n < e->count) {
		const struct elf_load *last = &e->load[i + n - 1];

		if (PGROUNDUP(last->va + last->memsz) <=
		    PGROUNDDOWN(e->load[i + n].va))
			break;
		n++;
	}
	return n;
}
