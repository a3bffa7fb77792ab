// assert (ISO C 7.2): without NDEBUG a message and abort. May be included
// again.
#undef assert
#ifdef NDEBUG
#define assert(c) ((void)0)
#else
__attribute__((noreturn)) void libc_assert(const char *c, const char *file,
					   int line);
#define assert(c) ((c) ? (void)0 : libc_assert(#c, __FILE__, __LINE__))
#endif
#define static_assert _Static_assert
