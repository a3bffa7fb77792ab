// reboot: writes everything to disk and starts the machine anew.
#include "user.h"

int
main(int argc, char *argv[])
{
	if (argc > 1)
		usage("");
	if (sync() < 0)
		warn("sync");
	reboot(REBOOT_RESTART);
	err(1, "the machine goes on");
}
