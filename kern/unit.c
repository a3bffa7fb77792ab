// Runs the unit tests that were linked in (section .units of kernel.ld).
#include "kern/unit.h"
#include "kern/printk.h"
#include "x86/power.h"

extern const struct unit units[], units_end[];

void (*volatile unit_deadly)(void);
static uint failed_checks;

void
unit_check(bool ok, const char *cond, const char *file, int line)
{
	if (ok)
		return;
	failed_checks++;
	printk("%s:%d: not true: %s\n", file, line, cond);
}

void
unit_run(void)
{
	uint failed = 0, before;

	if (&units[0] == &units_end[0])
		return;
	if (unit_deadly) {
		unit_deadly();
		printk("unit: the mistake was not found\n");
		power_test_exit(1);
	}
	for (const struct unit *u = units; u < units_end; u++) {
		before = failed_checks;
		u->run();
		failed += failed_checks != before;
		printk("unit %s: %s\n", u->name,
		       failed_checks == before ? "ok" : "FAILED");
	}
	printk("unit: %d passed, %u failed\n",
	       (int)(units_end - units) - (int)failed, failed);
	power_test_exit(failed != 0);
}
