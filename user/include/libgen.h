// Parts of a path. Both may change it.
#pragma once
char *basename(char *path);
char *dirname(char *path);
