// PCI configuration space, by mechanism 1: an address is written to one port,
// and the data is read from another.
//
// There is no lock: only the first CPU uses it, while the drivers start.
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

// Without PCI there is no address register that keeps its value.
bool
pci_present(void)
{
	outl(CONFIG_ADDRESS, CONFIG_ENABLE);
	return inl(CONFIG_ADDRESS) == CONFIG_ENABLE;
}

// Looks for the class among a slot's functions. A bridge to another bus raises
// *last, the last bus that is known.
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
