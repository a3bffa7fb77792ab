// Power off and restart. Each tries several ways, and returns only if none
// works: the caller then prints a message and stops the CPUs.
#pragma once

// Switches the machine off: by ACPI's state S5 (FADT and \_S5_), then by the
// ports of QEMU and Bochs.
void power_off(void);
// Restarts the machine: by ACPI's reset register, port 0xCF9, the keyboard
// controller, or a triple fault.
void power_restart(void);
// Leaves QEMU with status 2 * code + 1 through its isa-debug-exit device at
// port 0xF4. Returns if that device is not there.
void power_test_exit(int code);
