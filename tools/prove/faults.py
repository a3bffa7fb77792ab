"""What is proved of the fault table (mm/fault_case.c), for every combination.

The statements say what a memory system owes its programs, not what the table's
rows are: the order of the rows is the table's own business.
"""
import z3

import execute as X
import source as S
from machine import word
from theorems import Theorem

FIELDS = ("place", "readable", "writable", "shared", "kind", "past_end", "entry",
          "access")


class FaultCase(Theorem):
    """fault_case over all views that the invariants of areas allow."""
    title = "fault_case refuses exactly what is not permitted, and every row helps"
    function = "fault_case"

    def __init__(self, _):
        super().__init__(S.read("mm/fault_case.c", ("ACCESS_READ", "ACCESS_WRITE")))
        self.view = {f: self.input(f) for f in FIELDS}

    def c(self, name):
        """An enum constant of the kernel."""
        for n in (name, f"MACRO_{name}"):
            if n in self.source.enums:
                return word(self.source.enums[n])
        raise S.SourceError(f"mm/fault_case.c knows no {name}")

    def is_one_of(self, field, names):
        """The field has one of these values."""
        return z3.Or(*(self.view[field] == self.c(n) for n in names))

    def assumptions(self):
        v = self.view
        for flag in ("readable", "writable", "shared", "past_end"):
            yield z3.Or(v[flag] == 0, v[flag] == 1)
        yield self.is_one_of("place", ("PLACE_NOTHING", "PLACE_REACH", "PLACE_AREA"))
        yield self.is_one_of("kind", ("PAGE_ANON", "PAGE_FILLED", "PAGE_OBJECT"))
        yield self.is_one_of("entry", ("ENTRY_ABSENT", "ENTRY_HIDDEN",
                                       "ENTRY_SWAPPED", "ENTRY_RO", "ENTRY_RW"))
        yield self.is_one_of("access", ("ACCESS_READ", "ACCESS_WRITE"))
        # Areas: writable pages are readable (mm_area_flags); shared areas lie
        # where their object does (mm_map); a page without a byte of an object
        # cannot be past its end; an entry is writable only if the area is.
        yield z3.Implies(v["writable"] == 1, v["readable"] == 1)
        yield z3.Implies(v["shared"] == 1, v["kind"] != self.c("PAGE_FILLED"))
        yield z3.Implies(v["kind"] == self.c("PAGE_ANON"), v["past_end"] == 0)
        yield z3.Implies(v["entry"] == self.c("ENTRY_RW"), v["writable"] == 1)

    def call(self, x, changed=None):
        """Yields (path, what is done) for the view with some fields changed."""
        values = dict(self.view, **(changed or {}))
        rows = {("view", 0, f): X.Value(t, X.INT) for f, t in values.items()}
        pointer = X.Value(None, ("ptr", ("struct", "fault_view")), ("view", 0))
        yield from x.run(X.Path(rows=rows), "fault_case", pointer)

    def goals(self, x):
        v, c = self.view, self.c
        write = v["access"] == c("ACCESS_WRITE")
        permitted = z3.If(write, v["writable"], v["readable"]) == 1
        area = v["place"] == c("PLACE_AREA")
        end = z3.And(v["kind"] != c("PAGE_ANON"), v["past_end"] == 1)
        for path, r in self.call(x):
            do = r.bits
            yield path, z3.Implies(z3.And(area, z3.Not(permitted)),
                                   do == c("DO_REFUSE")), \
                "what the area does not permit is refused"
            yield path, z3.Implies(do == c("DO_REFUSE"), z3.Or(
                v["place"] == c("PLACE_NOTHING"), z3.Not(permitted), end)), \
                "nothing else is refused, but what lies past the object's end"
            yield path, z3.Implies(end, z3.Not(z3.Or(*(do == c(n) for n in (
                "DO_FILL", "DO_MAP", "DO_COPY", "DO_SHARE"))))), \
                "the object is not asked for a page past its end"
            yield path, (do == c("DO_GROW")) == (v["place"] == c("PLACE_REACH")), \
                "only a stack grows"
            yield path, z3.Implies(self.makes_writable(do), z3.And(permitted, write)), \
                "only a permitted write makes an entry writable"
            yield path, z3.Implies(do == c("DO_SHARE"), v["shared"] == 1), \
                "only shared areas write to the object's own page"
            yield path, z3.Implies(z3.And(self.makes_writable(do), v["shared"] == 1),
                                   do == c("DO_SHARE")), \
                "a shared area never gets a copy"
            yield path, z3.Implies(
                z3.Or(do == c("DO_ZERO"), do == c("DO_FILL"), do == c("DO_MAP"),
                      do == c("DO_COPY")), v["entry"] == c("ENTRY_ABSENT")), \
                "a page that is there is not replaced by a fresh one"
            yield from self.progress(x, path, do)

    def makes_writable(self, do):
        """Rows that end with W in the entry because of this access."""
        return z3.Or(*(do == self.c(n) for n in ("DO_COPY", "DO_SHARE", "DO_UNSHARE")))

    def progress(self, x, path, do):
        """After a row is done, the same access needs less: no endless faults."""
        c, w = self.c, self.view["writable"] == 1
        own = z3.If(w, c("ENTRY_RW"), c("ENTRY_RO"))
        entry = z3.If(self.makes_writable(do), c("ENTRY_RW"),
                      z3.If(do == c("DO_MAP"), c("ENTRY_RO"), own))
        filled = z3.And(do != c("DO_REFUSE"), do != c("DO_GROW"),
                        do != c("DO_NOTHING"), do != c("DO_UNHIDE"),
                        do != c("DO_BRING_BACK"))
        for q, again in self.call(x, {"entry": entry}):
            q.conditions = path.conditions + q.conditions
            yield q, z3.Implies(filled, again.bits == c("DO_NOTHING")), \
                "when a row is done, the access succeeds"
        for q, again in self.call(x, {"entry": c("ENTRY_RO")}):
            q.conditions = path.conditions + q.conditions
            yield q, z3.Implies(
                z3.Or(do == c("DO_UNHIDE"), do == c("DO_BRING_BACK")),
                z3.And(again.bits != c("DO_UNHIDE"),
                       again.bits != c("DO_BRING_BACK"))), \
                "a page comes out of hiding, or back from swap, once"

    def looked_at(self, model):
        return iter(())
