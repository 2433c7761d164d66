"""How a check says what it found. Not `assert`: that vanishes under `python -O`."""

import pytest


def expect(true: bool, found: str) -> None:
    """Fail the test with what was found, in one line, unless it is true."""
    __tracebackhide__ = True
    if not true:
        pytest.fail(found, pytrace=False)
