"""The fixtures of this lab."""
import pytest
from guest import Guest
from nested import Nested


@pytest.fixture
def guest(guests):
    """A machine whose functions are called one by one. It stops at userinit, as shadows
    need all of the memory's records; a new one if the last test has ended it."""
    if guests and guests[-1].dead:
        guests.pop().close()
    if not guests:
        guests.append(Guest(at="userinit"))
        guests[-1].call("shadow_init")
    return guests[-1]


@pytest.fixture(scope="session")
def nested():
    """cr3 in cr3: a Nested machine, the same for all tests."""
    m = Nested()
    yield m
    m.close()
