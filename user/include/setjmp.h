// Jumps out of functions (ISO C 7.13).
#pragma once
typedef int jmp_buf[6]; // ebx esi edi ebp esp eip
int setjmp(jmp_buf at) __attribute__((returns_twice));
__attribute__((noreturn)) void longjmp(jmp_buf at, int value);
#define _setjmp  setjmp
#define _longjmp longjmp
