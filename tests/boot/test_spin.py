"""The kernel's loops that wait, and its way to a CPU's own data, as the compiler made
them (build/kernel)."""
import re

import pytest
from machine import built

# Functions that wait in a loop for another CPU or a device. A compiler may have inlined
# the first of two in the second.
WAIT = ["lock_wait", "timer_udelay", "lapic_send", "flush_others tlb_flush"]
# Functions that want a field of this CPU's data.
OWN = ["thread_yield", "sched_tick", "mutex_lock", "trap"]


@pytest.fixture(scope="module")
def code():
    """{function: its instructions}. A static function may have a suffix (.part.0)."""
    with open(built("kernel.asm"), encoding="utf-8") as f:
        parts = re.split(r"^[0-9a-f]+ <(\w+)[.\w]*>:$", f.read(), flags=re.M)
    return dict(zip(parts[1::2], parts[2::2]))


@pytest.mark.parametrize("names", WAIT)
def test_loops_pause(code, names):
    """Catches a loop without `pause`: another CPU of the same core waits for it, and a
    machine in a machine runs it for a whole time slice."""
    text = next(code[n] for n in names.split() if n in code)
    assert re.search(r"\bpause\b", text)


@pytest.mark.parametrize("name", OWN)
def test_own_data_is_near(code, name):
    """Catches a CPU that looks itself up, by a call or in a table."""
    text = code[name]
    assert "%fs:" in text
    assert not re.search(r"call.*<(cpu_this|lapic_id|thread_this)>", text)
