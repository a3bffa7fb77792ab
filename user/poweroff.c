// poweroff: writes everything to disk and switches the machine off.
#include "user.h"

int
main(int argc, char *argv[])
{
	if (argc > 1)
		usage("");
	if (sync() < 0)
		warn("sync");
	reboot(REBOOT_POWEROFF);
	err(1, "the machine stays on");
}
