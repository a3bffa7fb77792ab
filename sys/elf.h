// Checks what an ELF file asks for. These are pure functions over its headers,
// so that the host can test them with any nonsense. The format is in abi/elf.h.
#pragma once
#include "lib/types.h"
#include "abi/elf.h"

#define ELF_HEADERS_MAX 64 // program headers in a file
#define ELF_LOADS_MAX 16   // of these, PT_LOAD with at least one byte

// One piece of the program: at va, filesz bytes of the file from off on, then
// zeros up to memsz bytes.
struct elf_load {
	uint32_t va, memsz, off, filesz;
	bool write;
};

// The loads lie in rising order of address and have no byte in common.
struct elf_image {
	uint32_t entry;   // where the program begins
	uint32_t phoff;   // file offset of the first program header
	uint phnum;       // how many there are
	uint32_t limit;   // no load reaches beyond this address
	uint32_t end;     // first address behind all loads
	uint count;       // of load[]
	struct elf_load load[ELF_LOADS_MAX];
};

// Begins an image from the file's first bytes. 0, or -ENOEXEC if this is no
// program for this machine.
int elf_begin(struct elf_image *e, const struct elf_header *h, uint32_t limit)
	__must_check;

// Adds a program header of a file of filesize bytes. Types other than PT_LOAD
// are ignored. 0, or -ENOEXEC if it asks for the impossible.
int elf_add(struct elf_image *e, const struct elf_segment *s, uint32_t filesize)
	__must_check;

// How many loads from load[i] on belong together: each begins in the page in
// which the load before it ends. At least 1.
uint elf_group(const struct elf_image *e, uint i) __must_check;
