"""How something is refused that cannot be measured."""

from collections.abc import Callable

import pytest

from pytest_examday.errors import Unmeasurable


def refusal(act: Callable[[], object]) -> str:
    """The one line that is said of it."""
    with pytest.raises(Unmeasurable) as problem:
        act()
    line = str(problem.value)
    assert "\n" not in line
    return line
