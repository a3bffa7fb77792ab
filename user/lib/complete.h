// Names that complete the word before the cursor: of programs where a command
// begins, else of files.
#pragma once
#include "lib/types.h"

struct completion {
	char *add;    // what all names have in common behind the word; if there
		// is one, with a blank, or with a / for a directory
	char **names; // sorted; NULL: none
	int count;
};

// Completes the word that ends at text[pos]. Memory that is out makes it find
// less.
void complete(const char *text, int pos, struct completion *c);
void complete_free(struct completion *c);
