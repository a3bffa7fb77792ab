// The rows of the kernel's half: part C. memlayout.h has the drawing, vm.h says
// what the members mean.
struct kmap kmap[NKMAP] = {
	{ "low 1 MB, devices", NULL, 0, 0, 0 },
	{ "kernel text", NULL, 0, 0, 0 },
	{ "kernel data, RAM", NULL, 0, 0, 0 },
	{ "devices", NULL, 0, 0, 0 },
};
