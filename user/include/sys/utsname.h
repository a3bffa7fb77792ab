// The name of the system.
#pragma once
struct utsname {
	char sysname[16], nodename[16], release[16], version[16], machine[16];
};
int uname(struct utsname *u);
