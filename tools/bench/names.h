// The names of the guest's functions, and which program an instruction is of.
// A file that cannot be read ends QEMU with a message.
#pragma once
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

// Reads lines "ADDRESS NAME", sorted by address (in base 16).
void names_read_symbols(const char *file);
// The name of the function at an address; "unknown" below the first.
const char *names_function_at(uint64_t va);

// Reads an ELF file whose offsets are its addresses.
void names_read_program(const char *file);
// Whether the file has these bytes at that address. An address alone does not
// name a user instruction, because every program begins at 0x1000.
bool names_in_program(uint64_t va, const void *bytes, size_t size);
