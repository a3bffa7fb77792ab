"""A guest's machine for functions that are called one by one.

Its physical memory stands in Python: guest_read and guest_write of the kernel are
replaced. Its shadow_space stands in the kernel's memory, made by the kernel's own
functions that no part of the lab is.
"""
import struct

import dwarf    # the grader has tools/viewer and tools/gdb on the path
from machine import built
from ptcore import A, D, P, PS, U, W

KERNBASE, PGSIZE = 0x80000000, 4096
PAGES = 64                          # of the guest's memory
CR0_PG, CR0_WP, CR4_PSE = 1 << 31, 1 << 16, 1 << 4
ENXIO = -6 & 0xFFFFFFFF
DIR, TABLE = 0, 1                   # enum shadow_kind
INJECT, NO_MEMORY, UNPROTECT, HOST, FILL_W, FILL = range(6)     # enum shadow_do
ROOT, PT, DATA = 0x1000, 0x2000, 0x5000     # where the tests have their tables


def layout():
    """What dwarf.of_kernel() knows of the kernel: its structs are
    {struct: {member: (offset, size)}}."""
    if not hasattr(layout, "kept"):
        layout.kept = dwarf.of_kernel(built("kernel"))
    return layout.kept


class Memory:
    """The guest's physical memory. calls: what was read and written, as
    (name, address, bytes)."""

    def __init__(self, guest):
        self.guest, self.data = guest, bytearray(PAGES * PGSIZE)
        self.calls, self.fails = [], False
        self.mocks = {"guest_read": self.read, "guest_write": self.write}

    def word(self, pa):
        """The word at a guest-physical address."""
        return struct.unpack_from("<I", self.data, pa)[0]

    def set(self, pa, value):
        """Writes one."""
        struct.pack_into("<I", self.data, pa, value)

    def read(self, args):
        """guest_read(m, pa, dst, n)."""
        _, pa, dst, n = args[:4]
        if self.fails or pa + n > len(self.data):
            return ENXIO
        self.calls.append(("read", pa, n))
        self.guest.remote.write(dst - KERNBASE, bytes(self.data[pa:pa + n]))
        return 0

    def write(self, args):
        """guest_write(m, pa, src, n)."""
        _, pa, src, n = args[:4]
        if self.fails or pa + n > len(self.data):
            return ENXIO
        self.calls.append(("write", pa, n))
        self.data[pa:pa + n] = self.guest.remote.read(src - KERNBASE, n)
        return 0


class Object:
    """A struct in the kernel's memory: o["member"] reads, o["member"] = n writes."""

    def __init__(self, guest, kind, va):
        self.guest, self.va, self.members = guest, va, layout()["structs"][kind]

    def at(self, member, index=0):
        """The physical address of a member, or of a word of it."""
        return self.va - KERNBASE + self.members[member][0] + 4 * index

    def __getitem__(self, member):
        member, index = member if isinstance(member, tuple) else (member, 0)
        size = min(4, self.members[member][1])
        return int.from_bytes(self.guest.remote.read(self.at(member, index), size),
                              "little")

    def __setitem__(self, member, value):
        member, index = member if isinstance(member, tuple) else (member, 0)
        size = min(4, self.members[member][1])
        self.guest.remote.write(self.at(member, index), value.to_bytes(size, "little"))


class Walks:
    """Calls of guest_walk and guest_walk_used on a Memory."""

    def __init__(self, guest):
        self.guest, self.memory = guest, Memory(guest)
        self.page = guest.empty()
        self.w = Object(guest, "walk", self.page.va + 64)

    def rules(self, cr0, cr3, cr4):
        """The address of a struct walk_rules."""
        rules = Object(self.guest, "walk_rules", self.page.va)
        rules["cr0"], rules["cr3"], rules["cr4"] = cr0, cr3, cr4
        return rules.va

    def walk(self, va, access=0, cr0=CR0_PG | CR0_WP, cr3=ROOT, cr4=CR4_PSE):
        """Calls guest_walk; returns its result."""
        noise = self.guest.random.randbytes(self.w.members["size"])
        self.guest.remote.write(self.w.va - KERNBASE, noise)
        return self.guest.call("guest_walk", self.rules(cr0, cr3, cr4),
                               self.page.va + 256, va, access, self.w.va,
                               mocks=self.memory.mocks)

    def used(self, access, pa=(), big=0):
        """Calls guest_walk_used for a walk that read the entries at these guest-physical
        addresses: two, one for a 4 MB page, none without paging."""
        for member in ("mapped", "allowed", "perm", "frame"):
            self.w[member] = 0
        self.w["big"] = big
        entries = [self.memory.word(at) for at in pa]
        entries += entries[:1] * big + [0, 0]       # a 4 MB page has its entry twice
        for i, at in enumerate((*pa, 0, 0)[:2]):
            self.w["pa", i], self.w["entry", i] = at, entries[i]
        return self.guest.call("guest_walk_used", self.page.va + 256, access,
                               self.w.va, mocks=self.memory.mocks)


class Shadow:
    """A shadow_space, with Python below and above the functions of hv/shadow.c.

    host: {guest-physical page: (frame, writable)}; what is not in it is absent."""

    def __init__(self, guest, strict=0, cr0=CR0_PG | CR0_WP):
        self.guest, self.memory, self.host = guest, Memory(guest), {}
        holder, page = guest.empty(), guest.empty()
        self.s = Object(guest, "shadow_space", page.va)
        self.mem = Object(guest, "guest_memory", page.va + 1024)
        self.mem["size"] = PAGES * PGSIZE
        guest.call("shadow_begin", self.s.va, self.mem.va, strict,
                   mocks={"tlb_shadow_begin": lambda _: holder.va})
        self.rules = Object(guest, "walk_rules",
                            self.s.at("rules") + KERNBASE)
        self.rules["cr0"], self.rules["cr3"], self.rules["cr4"] = cr0, ROOT, CR4_PSE

    # ---- What the kernel's functions find instead of the student's -----------
    def walk(self, args):
        """guest_walk(r, m, va, access, w)."""
        va, access = args[2], args[3]
        w = Object(self.guest, "walk", args[4])
        for member in ("big", "mapped", "allowed", "perm", "frame"):
            w[member] = 0
        pde_at = (self.rules["cr3"] & ~0xFFF) + 4 * (va >> 22)
        pde = self.memory.word(pde_at)
        w["pa", 0], w["entry", 0], w["pa", 1], w["entry", 1] = pde_at, pde, 0, 0
        if not pde & P:
            return 0
        big = pde & PS
        pte_at = 0 if big else (pde & ~0xFFF) + 4 * (va >> 12 & 0x3FF)
        pte = pde if big else self.memory.word(pte_at)
        w["pa", 1], w["entry", 1], w["big"] = pte_at, pte, int(bool(big))
        if not pte & P:
            return 0
        perm = pde & pte & (W | U)
        w["mapped"], w["perm"] = 1, perm
        w["allowed"] = int(self.allows(perm, access))
        w["frame"] = (pde & ~0x3FFFFF) | va & 0x3FF000 if big else pte & ~0xFFF
        return 0

    def allows(self, perm, access):
        """Do the guest's tables allow the access? access: 2 a write, 4 by user mode."""
        if access & U:
            return perm & U and (not access & W or perm & W)
        return not access & W or perm & W or not self.rules["cr0"] & CR0_WP

    def used(self, args):
        """guest_walk_used(m, access, w)."""
        w = Object(self.guest, "walk", args[2])
        leaf = A | (D if args[1] & W else 0)
        for i in (0,) if w["big"] else (0, 1):
            w["entry", i] = w["entry", i] | (leaf if w["big"] or i else A)
            self.memory.set(w["pa", i], w["entry", i])
        if w["big"]:
            w["entry", 1] = w["entry", 0]
        return 0

    def frame(self, args):
        """guest_frame(m, pa, frame, write)."""
        frame, writable = self.host.get(args[1] & ~0xFFF, (0, False))
        self.guest.remote.write(args[2] - KERNBASE, struct.pack("<I", frame))
        if not writable:
            self.guest.remote.write(args[3] - KERNBASE, b"\0")
        return int(bool(frame))

    def view(self, va):
        """A struct shadow_view as {member: bool}."""
        v = Object(self.guest, "shadow_view", va)
        return {m: v[m] for m in ("write", "allowed", "memory", "table", "host",
                                  "host_w", "guest_w", "guest_d")}

    def mocks(self):
        """Instead of the lab's other functions."""
        return self.memory.mocks | {
            "guest_walk": self.walk, "guest_walk_used": self.used,
            "guest_frame": self.frame,
            "shadow_case": lambda args: case(**self.view(args[0])),
            "shadow_may_write": lambda args: int(may_write(**self.view(args[0])))}

    # ---- What a test does -----------------------------------------------------
    def map(self, va, pa, flags, host=None, writable=True):
        """Maps va to pa in the guest's tables; the host has the page at host."""
        pde_at, pte_at = ROOT + 4 * (va >> 22), PT + 4 * (va >> 12 & 0x3FF)
        self.memory.set(pde_at, PT | P | W | U)
        self.memory.set(pte_at, pa | flags)
        if host:
            self.host[pa] = host, writable

    def fault(self, va, error):
        """The guest's page fault; returns what shadow_fault does."""
        cr3 = self.page("cr3")
        self.guest.call("shadow_root", self.s.va, cr3.va)
        return self.guest.call("shadow_fault", self.s.va, va, error, cr3.va + 8,
                               mocks=self.mocks())

    def page(self, name):
        """A page for results, always the same for a name."""
        if name not in self.__dict__:
            self.__dict__[name] = self.guest.empty()
        return self.__dict__[name]

    def record(self, pa):
        """The struct frame of a guest-physical page."""
        return Object(self.guest, "frame",
                      self.guest.call("frame_of", self.s.va, pa))

    def make(self, kind, pa):
        """A new shadow of the guest's table at pa: an Object."""
        return Object(self.guest, "shadow", self.guest.call(
            "shadow_make", self.s.va, kind, self.record(pa).va))

    def entry(self, t, i, which="entry"):
        """An entry of a shadow, or what it was made from ("seen")."""
        return self.guest.word(t[which] - KERNBASE + 4 * i)

    def walk_shadow(self, va):
        """The entries of the shadow for va: (directory's, table's, what the table's was
        made from); zeros if there are none."""
        root = self.s["root"]
        if not root:
            return 0, 0, 0
        pde = self.entry(Object(self.guest, "shadow", root), va >> 22)
        if not pde & P:
            return pde, 0, 0
        pte = self.guest.word((pde & ~0xFFF) + 4 * (va >> 12 & 0x3FF))
        t = Object(self.guest, "shadow", self.guest.call(
            "shadow_child", root, va >> 22))
        return pde, pte, self.entry(t, va >> 12 & 0x3FF, "seen")

    def count(self):
        """How many shadows there are."""
        return self.s["count"]


def case(write, allowed, memory, table, host, host_w, **_):
    """The table in hv/shadow_case.h."""
    if not allowed:
        return INJECT
    if not memory:
        return NO_MEMORY
    if write and table:
        return UNPROTECT
    if not host or write and not host_w:
        return HOST
    return FILL_W if write else FILL


def may_write(write, table, host_w, guest_w, guest_d, **_):
    """The last sentence of hv/shadow_case.h's head."""
    dirty = guest_d or write
    return all((guest_w, dirty, host_w, not table))
