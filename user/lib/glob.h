// File names that fit a pattern.
//
//	*  any characters    ?  one    [abc] [a-z] [!a-z]  one of, none of
//	\c c as it is
#pragma once
#include "lib/types.h"

// Does the name, or the part of a path between slashes, fit the pattern? A dot
// at its beginning must stand in the pattern. Pure.
bool glob_match(const char *pattern, const char *name);

// Takes the backslashes out that keep characters as they are. Pure.
void glob_plain(char *pattern);
// The characters that glob_plain's backslashes stand before.
#define GLOB_SPECIAL "*?[]\\"

// Calls add(path, arg) for each path that fits the pattern, in order of names.
// Returns how many. A name for which memory is out is left out.
int glob_each(const char *pattern, void (*add)(const char *path, void *arg),
	      void *arg);
