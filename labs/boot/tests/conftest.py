"""The fixtures of this lab."""
import pytest
from steps import Steps


@pytest.fixture(scope="session")
def steps():
    """The kernel's first instructions, one by one: Steps."""
    return Steps()
