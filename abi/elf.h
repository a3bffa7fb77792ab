// The ELF format, 32-bit, as far as the boot loader and exec need it (System V
// ABI, chapters 4 and 5).
#pragma once
#include <stdint.h>

#define ELF_MAGIC 0x464C457F // "\x7FELF", read as a little-endian word
#define ELF_CLASS32 1
#define ELF_EXEC 2 // type: an executable
#define ELF_386 3 // machine

struct elf_header {
	uint32_t magic;
	uint8_t class, data, version0, pad[9];
	uint16_t type, machine;
	uint32_t version, entry, phoff, shoff, flags;
	uint16_t ehsize, phentsize, phnum, shentsize, shnum, shstrndx;
};

#define PT_LOAD 1
#define PF_EXEC 1
#define PF_WRITE 2
#define PF_READ 4

struct elf_segment { // a program header
	uint32_t type, offset, vaddr, paddr, filesz, memsz, flags, align;
};
