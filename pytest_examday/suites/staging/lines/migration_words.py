"""Lists of names in the reasons of lines."""

from collections.abc import Iterable

_MOST = 3


def some_of(names: Iterable[str]) -> str:
    """The first three names, and how many more there are."""
    listed = list(names)
    more = f" and {len(listed) - _MOST} more" if len(listed) > _MOST else ""
    return f"{', '.join(listed[:_MOST])}{more}"


def whole_of(names: Iterable[str]) -> str:
    """All names."""
    return ", ".join(names)
