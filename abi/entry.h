// What an entry of a page table holds while its P is clear, as a program reads
// it in the recursive window. The MMU looks at no other bit then (SDM vol. 3,
// 4.5). The whole entry is 0: nothing. SWAPPED: bits 12 to 31 are the number of
// a slot of swap. Else bits 12 to 31 are a frame: the page is in memory, but no
// access is allowed now.
#pragma once

#define PTE_LEAVING 0x200 // the page is on its way to swap
#define PTE_SWAPPED 0x400
