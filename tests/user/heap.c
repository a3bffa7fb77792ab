// malloc and its family.
#include "user/usertests.h"

// Catches: a huge size overflows, so that malloc returns a small block
// (PITFALLS 18).
TEST(malloc_huge)
{
	static const size_t huge[] = { 0x80000000, 0x7fffffff, 0xffffffff,
				      0xfffffff0, 0xffffffe0, 0x7f000001};

	for (uint i = 0; i < countof(huge); i++) {
		errno = 0;
		CHECK(!malloc(huge[i]) && errno == ENOMEM);
		CHECK(!realloc(NULL, huge[i]));
	}
	CHECK(!calloc(0x10000, 0x10000));
	CHECK(!calloc(0x80000001, 2));
	free(NULL);
	CHECK(malloc(100));
}

// Catches: blocks overlap, are misaligned, or change without a store.
TEST(malloc_random)
{
	enum { SLOTS = 64 };
	static uchar *p[SLOTS];
	static uint size[SLOTS];

	for (int round = 0; round < 5000; round++) {
		uint i = rand() % SLOTS;

		for (uint k = 0; p[i] && k < size[i]; k++)
			CHECK(p[i][k] == (uchar)(i + size[i]));
		if (rand() % 3 == 0) {
			free(p[i]);
			p[i] = NULL;
			continue;
		}
		if (p[i])
			free(p[i]);
		size[i] = rand() % (round % 50 == 0 ? 50000 : 300);
		p[i] = malloc(size[i]);
		CHECK(p[i] && (uint)p[i] % 8 == 0);
		memset(p[i], i + size[i], size[i]);
	}
}

// Catches: free neighbours are not joined, so that the heap only grows.
TEST(malloc_joins)
{
	enum { BLOCKS = 200, SIZE = 3000 };
	void *p[BLOCKS];
	char *end;

	for (int i = 0; i < BLOCKS; i++)
		p[i] = malloc(SIZE);
	for (int i = 0; i < BLOCKS; i += 2)
		free(p[i]);
	for (int i = 1; i < BLOCKS; i += 2)
		free(p[i]);
	end = sbrk(0);
	CHECK(malloc(BLOCKS * SIZE / 2));
	CHECK(sbrk(0) == end);
}

// Catches: realloc that loses bytes; calloc that does not clear.
TEST(malloc_others)
{
	char *p = malloc(10), *q, *end;

	memcpy(p, "123456789", 10);
	q = malloc(10);
	p = realloc(p, 5000);
	CHECK(p && strcmp(p, "123456789") == 0);
	end = p + 4999;
	*end = 'e';
	p = realloc(p, 10);
	CHECK(strcmp(p, "123456789") == 0);
	free(q);
	free(p);
	memset(malloc(5000), 0xff, 5000);
	q = calloc(50, 100);
	for (int i = 0; i < 5000; i++)
		CHECK(q[i] == 0);
}

// Catches: malloc fails when the program calls sbrk itself.
TEST(malloc_with_sbrk)
{
	char *p = malloc(70000), *mine, *q;

	memset(p, 1, 70000);
	mine = sbrk(13);
	memset(mine, 2, 13);
	q = malloc(200000);
	memset(q, 3, 200000);
	for (int i = 0; i < 13; i++)
		CHECK(mine[i] == 2);
	CHECK(p[69999] == 1);
	free(p);
	free(q);
	CHECK((uint)malloc(100000) % 8 == 0);
}
