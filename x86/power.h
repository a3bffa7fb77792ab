// The machine's end. Both try the standard ways in turn and return only if none
// works (the caller then stops the CPUs with a message).
#pragma once

// Off: ACPI's S5, by the FADT and \_S5_; then QEMU's and Bochs' ports.
void power_off(void);
// Again: ACPI's reset register, port 0xCF9, the keyboard controller, a triple
// fault.
void power_restart(void);
// Leaves QEMU with status 2 * code + 1 through its isa-debug-exit device at
// port 0xF4; returns where there is none.
void power_test_exit(int code);
