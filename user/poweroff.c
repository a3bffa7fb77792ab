// poweroff: switches the machine off, after a sync.
#include "user.h"

int
main(int argc, char *argv[])
{
	no_arguments(argc, argv);
	end_machine(REBOOT_POWEROFF);
}
