"""A walkpgdir in Python: what stands below mappages while that is tested alone."""


class Walker:
    """A directory, and tables that are made on demand, in the machine's memory.

    `fail_at` n lets the n-th walk (from 1) find no memory.
    """

    def __init__(self, guest, fail_at=0):
        self.guest, self.fail_at, self.walks = guest, fail_at, 0
        self.pgdir, self.tables = guest.empty(), {}
        # A range of the longest test needs two tables.
        self.spare = [guest.empty() for _ in range(3)]
        self.mocks = {"walkpgdir": self.walk}

    def walk(self, args):
        """walkpgdir(pgdir, va, alloc): the address of the entry."""
        va, alloc = args[1], args[2]
        self.walks += 1
        if self.walks == self.fail_at:
            return 0
        if va >> 22 not in self.tables:
            if not alloc:
                return 0
            self.tables[va >> 22] = self.spare.pop()
            self.pgdir.set(va >> 22, self.tables[va >> 22].pa | 7)
        return self.tables[va >> 22].va + 4 * (va >> 12 & 0x3FF)

    def entries(self):
        """{va: entry} of all entries that are not 0."""
        return {i << 22 | j << 12: e for i, t in self.tables.items()
                for j, e in enumerate(t.words()) if e}
