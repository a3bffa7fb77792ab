// Catches: an ELF file that talks exec into an impossible address space:
// sums that overflow, loads that overlap, bytes beyond the file or the user's
// memory.
#include "sys/elf.c"
#include "check.h"
#include <stdio.h>
#include <stdlib.h>

#define LIMIT 0x7F800000u
#define FILESIZE 0x10000u

static struct elf_header
good_header(void)
{
	return (struct elf_header){
		.magic = ELF_MAGIC,
		.class = ELF_CLASS32,
		.type = ELF_EXEC,
		.machine = ELF_386,
		.entry = 0x1000,
		.phoff = sizeof(struct elf_header),
		.phentsize = sizeof(struct elf_segment),
		.phnum = 2,
	};
}

static struct elf_segment
load(uint32_t va, uint32_t memsz, uint32_t off, uint32_t filesz, uint32_t flags)
{
	return (struct elf_segment){
		.type = PT_LOAD,
		.vaddr = va,
		.memsz = memsz,
		.offset = off,
		.filesz = filesz,
		.flags = flags,
	};
}

static struct elf_image
begun(void)
{
	struct elf_header h = good_header();
	struct elf_image e;

	CHECK(elf_begin(&e, &h, LIMIT) == 0);
	return e;
}

static void
test_headers(void)
{
	struct elf_image e = begun();
	struct elf_header h;

	CHECK(e.entry == 0x1000 && e.phnum == 2 && e.count == 0);
#define BAD(field, value)                                                      \
	do {                                                                   \
		h = good_header();                                             \
		h.field = (value);                                             \
		CHECK(elf_begin(&e, &h, LIMIT) == -ENOEXEC);                   \
	} while (0)
	BAD(magic, 0x21230A2F);
	BAD(class, 2);
	BAD(type, 3); // a shared object or PIE
	BAD(machine, 62);
	BAD(entry, LIMIT);
	BAD(phentsize, sizeof(struct elf_segment) + 1);
	BAD(phentsize, 0);
	BAD(phnum, 0);
	BAD(phnum, ELF_HEADERS_MAX + 1);
	BAD(phnum, 0xFFFF);
	BAD(phoff, 0xFFFFFFFF);
	BAD(phoff, 0xFFFFFFFF - 2 * sizeof(struct elf_segment) + 1);
#undef BAD
}

// One load alone in a new image: may it be?
static int
alone(struct elf_segment s)
{
	struct elf_image e = begun();

	return elf_add(&e, &s, FILESIZE);
}

static void
test_one_load(void)
{
	CHECK(alone(load(0, 0x2000, 0x80, 0x1000, 7)) == 0); // xv6's linker
	CHECK(alone(load(LIMIT - 1, 1, 0, 1, 4)) == 0);
	CHECK(alone(load(0, LIMIT, 0, 0, 6)) == 0);
	CHECK(alone(load(0x1000, 1, FILESIZE - 1, 1, 4)) == 0);
	// No file bytes: the offset means nothing.
	CHECK(alone(load(0x1000, 1, 0xFFFFFFFF, 0, 6)) == 0);

	CHECK(alone(load(0x1000, 1, 0, 2, 4)) == -ENOEXEC);
	CHECK(alone(load(LIMIT, 1, 0, 1, 4)) == -ENOEXEC);
	CHECK(alone(load(LIMIT - 1, 2, 0, 1, 4)) == -ENOEXEC);
	CHECK(alone(load(0x80000000, 0x1000, 0, 1, 4)) == -ENOEXEC);
	CHECK(alone(load(0x1000, 0xFFFFFFFF, 0, 1, 4)) == -ENOEXEC);
	CHECK(alone(load(0xFFFFF000, 0x2000, 0, 1, 4)) == -ENOEXEC);
	CHECK(alone(load(0x1000, 2, FILESIZE - 1, 2, 4)) == -ENOEXEC);
	CHECK(alone(load(0x1000, 0x1000, FILESIZE + 1, 1, 4)) == -ENOEXEC);
	CHECK(alone(load(0x1000, 0x1000, 0xFFFFFFFF, 2, 4)) == -ENOEXEC);
}

static void
test_passed_over(void)
{
	struct elf_image e = begun();
	struct elf_segment stack =
		load(0xFFFFFFFF, 0xFFFFFFFF, 1, 0xFFFFFFFF, 7);
	struct elf_segment empty = load(0xFFFFFFFF, 0, 0, 0, 7);

	stack.type = 0x6474E551; // GNU_STACK
	CHECK(elf_add(&e, &stack, FILESIZE) == 0);
	CHECK(elf_add(&e, &empty, FILESIZE) == 0);
	CHECK(e.count == 0 && e.end == 0);
}

static void
test_order(void)
{
	struct elf_image e = begun();
	struct elf_segment a = load(0x1000, 0x1800, 0, 0x1000, PF_READ);
	struct elf_segment b = load(0x2800, 0x10, 0, 0x10, PF_READ | PF_WRITE);
	struct elf_segment into_a = load(0x27FF, 0x10, 0, 0, PF_READ);
	struct elf_segment below = load(0, 0x10, 0, 0, PF_READ);

	CHECK(elf_add(&e, &a, FILESIZE) == 0);
	CHECK(elf_add(&e, &into_a, FILESIZE) == -ENOEXEC);
	CHECK(elf_add(&e, &below, FILESIZE) == -ENOEXEC);
	CHECK(elf_add(&e, &b, FILESIZE) == 0);
	CHECK(e.count == 2 && e.end == 0x2810);
	CHECK(!e.load[0].write && e.load[1].write);
	CHECK(e.load[0].va == 0x1000 && e.load[0].filesz == 0x1000);
}

static void
test_too_many(void)
{
	struct elf_image e = begun();
	struct elf_segment s;

	for (uint i = 0; i <= ELF_LOADS_MAX; i++) {
		s = load(0x1000 * i, 0x1000, 0, 0, PF_READ);
		CHECK(elf_add(&e, &s, FILESIZE) ==
		      (i < ELF_LOADS_MAX ? 0 : -ENOEXEC));
	}
	CHECK(e.count == ELF_LOADS_MAX);
}

// Pages 0, 1-2 | 2-3 | 3, 5: the middle three hang together.
static void
test_groups(void)
{
	struct elf_image e = begun();
	static const uint32_t va[][2] = {
		{0, 0x1000},	 {0x1000, 0x1001}, {0x2800, 0x900},
		{0x3200, 0xE00}, {0x5FFF, 1},
	};

	for (uint i = 0; i < countof(va); i++) {
		struct elf_segment s = load(va[i][0], va[i][1], 0, 0, PF_READ);

		CHECK(elf_add(&e, &s, FILESIZE) == 0);
	}
	CHECK(elf_group(&e, 0) == 1);
	CHECK(elf_group(&e, 1) == 3);
	CHECK(elf_group(&e, 4) == 1);
}

// Any bytes at all: what is accepted keeps the promises of struct elf_image.
static void
test_nonsense(void)
{
	struct elf_image e = begun();

	srand(1);
	for (int round = 0; round < 1000000; round++) {
		struct elf_segment s =
			load((uint32_t)rand() * 2 >> rand() % 32,
			     (uint32_t)rand() * 2 >> rand() % 32,
			     (uint32_t)rand() * 2 >> rand() % 32,
			     (uint32_t)rand() * 2 >> rand() % 32, rand());
		uint32_t end = e.end;

		if (elf_add(&e, &s, FILESIZE) != 0 || s.memsz == 0)
			continue;
		CHECK(s.vaddr >= end && e.end > s.vaddr && e.end <= LIMIT);
		CHECK((uint64_t)s.vaddr + s.memsz == e.end);
		CHECK(s.filesz <= s.memsz);
		CHECK(s.filesz == 0 ||
		      (uint64_t)s.offset + s.filesz <= FILESIZE);
		if (e.count == ELF_LOADS_MAX || e.end > LIMIT / 2)
			e = begun();
	}
}

int
main(void)
{
	test_headers();
	test_one_load();
	test_passed_over();
	test_order();
	test_too_many();
	test_groups();
	test_nonsense();
	printf("elf_test: %s\n", failures == 0 ? "ok" : "FAILED");
	return failures != 0;
}
