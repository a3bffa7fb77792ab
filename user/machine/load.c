// Loading a multiboot kernel (Multiboot Specification 0.6.96): an ELF file
// whose first 8 KB hold the header.
#include "user/machine/machine.h"
#include "abi/elf.h"

#define HEADER_MAGIC 0x1BADB002
#define LOADER_MAGIC 0x2BADB002
#define HEADER_MAX   8192
#define INFO_AT      0x9000 // where the information stands
#define MAP_AT       0x9100
#define LOW_END      0x9F000
#define HIGH_START   0x100000

// The information that the kernel gets, as far as it is filled in.
struct multiboot_info {
	unsigned int flags, lower, upper, unused[8], map_length, map_at;
};
#define HAS_SIZES 0x01
#define HAS_MAP   0x40

struct map_entry {
	unsigned int size;
	unsigned long long base, length;
	unsigned int type; // 1: RAM
} __packed;

// n bytes of guest memory at pa; ends the program if they are not there.
static void *
guest_at(const char *path, unsigned int pa, unsigned int n)
{
	if (pa >= memory_size || n > memory_size - pa)
		errx(1, "%s: does not fit into %u MB", path, memory_size >> 20);
	return memory + pa;
}

static void
read_at(const char *path, int fd, unsigned int off, void *to, unsigned int n)
{
	char *p = to;
	int r;

	if (lseek(fd, off, SEEK_SET) < 0)
		err(1, "%s", path);
	for (; n > 0; n -= r, p += r) {
		r = read(fd, p, n);
		if (r < 0)
			err(1, "%s", path);
		if (r == 0)
			errx(1, "%s: too short", path);
	}
}

static void
check_header(const char *path, int fd)
{
	unsigned int words[HEADER_MAX / 4];
	int n = read(fd, words, sizeof(words));

	for (int i = 0; i < n / 4 - 2; i++)
		if (words[i] == HEADER_MAGIC &&
		    words[i] + words[i + 1] + words[i + 2] == 0)
			return;
	errx(1, "%s: not a multiboot kernel", path);
}

static unsigned int
load_elf(const char *path, int fd)
{
	struct elf_header h;
	struct elf_segment p;

	read_at(path, fd, 0, &h, sizeof(h));
	if (h.magic != ELF_MAGIC)
		errx(1, "%s: not an ELF file", path);
	for (int i = 0; i < h.phnum; i++) {
		read_at(path, fd, h.phoff + i * sizeof(p), &p, sizeof(p));
		if (p.type != PT_LOAD)
			continue;
		if (p.filesz > p.memsz)
			errx(1, "%s: a segment is longer than its memory",
			     path);
		read_at(path, fd, p.offset, guest_at(path, p.paddr, p.memsz),
			p.filesz);
	}
	return h.entry;
}

static void
write_info(const char *path)
{
	struct multiboot_info *info = guest_at(path, INFO_AT, sizeof(*info));
	struct map_entry map[] = {
		{ sizeof(map[0]) - 4, 0, LOW_END, 1 },
		{ sizeof(map[0]) - 4, HIGH_START, memory_size - HIGH_START, 1 },
	};

	*info = (struct multiboot_info){
		.flags = HAS_SIZES | HAS_MAP,
		.lower = LOW_END >> 10,
		.upper = (memory_size - HIGH_START) >> 10,
		.map_length = sizeof(map),
		.map_at = MAP_AT,
	};
	memcpy(memory + MAP_AT, map, sizeof(map));
}

void
load_kernel(const char *path, struct guest_regs *regs)
{
	int fd = open(path, O_RDONLY);

	if (fd < 0)
		err(1, "%s", path);
	check_header(path, fd);
	*regs = (struct guest_regs){
		.eax = LOADER_MAGIC,
		.ebx = INFO_AT,
		.eip = load_elf(path, fd),
		.cr0 = 1,
	};
	write_info(path);
	close(fd);
}
