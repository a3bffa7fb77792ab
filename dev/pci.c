// PCI configuration space, by mechanism 1: an address goes to one port, the
// data comes from another.
//
// No lock: it is used by one CPU, while the drivers start.
#include "dev/pci.h"
#include "x86/insn.h"

#define CONFIG_ADDRESS 0xCF8
#define CONFIG_DATA    0xCFC
#define CONFIG_ENABLE  0x80000000

uint32_t
pci_read(pci_dev d, uint reg)
{
	outl(CONFIG_ADDRESS, CONFIG_ENABLE | d | reg);
	return inl(CONFIG_DATA);
}

void
pci_write(pci_dev d, uint reg, uint32_t v)
{
	outl(CONFIG_ADDRESS, CONFIG_ENABLE | d | reg);
	outl(CONFIG_DATA, v);
}

// The address register keeps its value only where there is one.
bool
pci_present(void)
{
	outl(CONFIG_ADDRESS, CONFIG_ENABLE);
	return inl(CONFIG_ADDRESS) == CONFIG_ENABLE;
}

// Looks at a slot's functions. A bridge on the way raises *last, the last bus
// that is known to be there.
static bool
slot_find(uint bus, uint slot, uint class, uint *last, pci_dev *found)
{
	uint functions = 1;

	for (uint fn = 0; fn < functions; fn++) {
		pci_dev d = PCI_DEV(bus, slot, fn);
		uint is;

		if ((pci_read(d, PCI_ID) & 0xFFFF) == 0xFFFF)
			continue;
		is = pci_read(d, PCI_CLASS) >> 16;
		if (is == class) {
			*found = d;
			return true;
		}
		if (is == PCI_CLASS_BRIDGE)
			*last = max_uint(*last,
					 pci_read(d, PCI_BUSES) >> 8 & 0xFF);
		if (fn == 0 && (pci_read(d, PCI_HEADER) & PCI_HEADER_MULTI))
			functions = 8;
	}
	return false;
}

bool
pci_find_class(uint class, pci_dev *found)
{
	uint last = 0;

	if (!pci_present())
		return false;
	for (uint bus = 0; bus <= last; bus++)
		for (uint slot = 0; slot < 32; slot++)
			if (slot_find(bus, slot, class, &last, found))
				return true;
	return false;
}
