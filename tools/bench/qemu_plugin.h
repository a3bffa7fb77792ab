// What profile.c uses of QEMU's plugin interface, version 1 (QEMU 6 to 8).
//
// Debian's packages of QEMU bring no header. QEMU's own one is documented in
// its manual, "QEMU TCG Plugins".
#pragma once
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef uint64_t plugin_id;
typedef uint32_t plugin_meminfo;
struct qemu_plugin_tb;   // a block of instructions that is being translated
struct qemu_plugin_insn; // one of its instructions

enum { PLUGIN_NO_REGS = 0 };                    // a callback's flags
enum { PLUGIN_MEM_RW = 3 };                     // loads and stores
enum { PLUGIN_ADD_U64 = 0 };                    // an inline operation

typedef void (*plugin_exec_cb)(unsigned cpu, void *data);
typedef void (*plugin_mem_cb)(unsigned cpu, plugin_meminfo info, uint64_t va,
			      void *data);

size_t qemu_plugin_tb_n_insns(const struct qemu_plugin_tb *tb);
struct qemu_plugin_insn *qemu_plugin_tb_get_insn(
	const struct qemu_plugin_tb *tb, size_t index);
const void *qemu_plugin_insn_data(const struct qemu_plugin_insn *insn);
size_t qemu_plugin_insn_size(const struct qemu_plugin_insn *insn);
uint64_t qemu_plugin_insn_vaddr(const struct qemu_plugin_insn *insn);

void qemu_plugin_register_vcpu_tb_trans_cb(
	plugin_id id, void (*cb)(plugin_id id, struct qemu_plugin_tb *tb));
void qemu_plugin_register_vcpu_insn_exec_cb(struct qemu_plugin_insn *insn,
					    plugin_exec_cb cb, int flags,
					    void *data);
void qemu_plugin_register_vcpu_insn_exec_inline(struct qemu_plugin_insn *insn,
						int op, void *counter,
						uint64_t add);
void qemu_plugin_register_vcpu_mem_cb(struct qemu_plugin_insn *insn,
				      plugin_mem_cb cb, int flags, int which,
				      void *data);
bool qemu_plugin_mem_is_store(plugin_meminfo info);
void qemu_plugin_register_atexit_cb(plugin_id id,
				    void (*cb)(plugin_id id, void *data),
				    void *data);

// What QEMU looks for in a plugin.
extern int qemu_plugin_version;
int qemu_plugin_install(plugin_id id, const void *info, int argc, char **argv);
