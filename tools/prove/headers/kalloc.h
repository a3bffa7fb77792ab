// What vm.c knows of the page allocator; the proof gives the functions their
// meaning (tools/prove/machine.py).
#pragma once
void *kalloc(void);
void *kalloc_zero(void);
void kfree(void *va);
