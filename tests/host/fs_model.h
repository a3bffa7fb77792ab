// What fs_ops_test.c expects of the disk: a tree of nodes in memory, shared by
// all machines.
#pragma once
#include "fs_harness.h"

#define MAX_NODES 200
#define MAX_FILE  (600 * 1024)
#define MAX_KIDS  40
#define MAX_OPEN  6

// The model: what the disk should hold.
struct node {
	short type; // 0: free
	int nlink;
	int opens;
	uint size;
	uchar *data;
	struct {
		char name[16];
		int node;
	} kids[MAX_KIDS];
	int nkids;
	int up;
};

static struct node *nodes; // shared by all machines; 0 is the root
static uint *seed;
static uchar *bytes; // for a file's contents

static uint
rnd(uint n)
{
	*seed = *seed * 1664525 + 1013904223;
	return (*seed >> 8) % n;
}

static int
kid(int dir, const char *name)
{
	for (int i = 0; i < nodes[dir].nkids; i++)
		if (!strcmp(nodes[dir].kids[i].name, name))
			return i;
	return -1;
}

static int
new_node(short type)
{
	for (int i = 1; i < MAX_NODES; i++)
		if (!nodes[i].type && !nodes[i].opens) {
			uchar *data = nodes[i].data;

			nodes[i] = (struct node){
				.type = type, .data = data, .nlink = 1};
			return i;
		}
	return -1;
}

static bool
room_for_one(void)
{
	for (int i = 1; i < MAX_NODES; i++)
		if (!nodes[i].type && !nodes[i].opens)
			return true;
	return false;
}

static void
drop_node(int n)
{
	if (!nodes[n].nlink && !nodes[n].opens)
		nodes[n].type = 0;
}

static void
add_kid(int dir, const char *name, int n)
{
	struct node *d = &nodes[dir];

	strcpy(d->kids[d->nkids].name, name);
	d->kids[d->nkids++].node = n;
	if (nodes[n].type == T_DIR) {
		nodes[n].up = dir;
		d->nlink++;
	}
}

static void
take_kid(int dir, int k)
{
	if (nodes[nodes[dir].kids[k].node].type == T_DIR)
		nodes[dir].nlink--;
	nodes[dir].kids[k] = nodes[dir].kids[--nodes[dir].nkids];
}

// A random directory and its path with a final slash.
static int
any_dir(char *path)
{
	int d = 0;

	strcpy(path, "/");
	while (rnd(3)) {
		int n, k = nodes[d].nkids ? (int)rnd(nodes[d].nkids) : -1;

		if (k < 0)
			break;
		n = nodes[d].kids[k].node;
		if (nodes[n].type != T_DIR)
			break;
		strcat(path, nodes[d].kids[k].name);
		strcat(path, "/");
		d = n;
	}
	return d;
}

static int
any_name(char *path, char *name)
{
	int d = any_dir(path);

	sprintf(name, rnd(8) ? "n%u" : "longname_no_%u", rnd(30));
	strcat(path, name);
	return d;
}
