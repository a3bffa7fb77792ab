// PCI configuration space, by mechanism 1 (PCI Local Bus Specification 3.0,
// section 3.2.2.3.2).
#pragma once
#include "lib/types.h"

// A function's address, as bits of the address register.
typedef uint32_t pci_dev;
#define PCI_DEV(bus, slot, fn) ((uint)(bus) << 16 | (slot) << 11 | (fn) << 8)

// Registers of every function's header (section 6.1).
#define PCI_ID      0x00 // vendor, device << 16
#define PCI_COMMAND 0x04 // and the status above it
#define PCI_CLASS   0x08 // revision, then interface, subclass, class
#define PCI_HEADER  0x0C // header type << 16
#define PCI_BAR(n)  (0x10 + 4 * (n))
#define PCI_BUSES   0x18 // of a bridge: secondary bus << 8

#define PCI_COMMAND_IO     0x0001 // answers at its ports
#define PCI_COMMAND_MASTER 0x0004 // may read and write memory by itself
#define PCI_BAR_IO         0x0001 // the address is a port
#define PCI_HEADER_MULTI   0x800000 // has functions beyond 0
#define PCI_CLASS_BRIDGE   0x0604 // to another PCI bus

// Does the machine have PCI?
bool pci_present(void);
// Finds the first function with this class and subclass (0x0101: IDE
// controller), behind bridges too. False if there is none.
bool pci_find_class(uint class, pci_dev *found) __must_check;
uint32_t pci_read(pci_dev d, uint reg); // reg is a multiple of 4
void pci_write(pci_dev d, uint reg, uint32_t v);
