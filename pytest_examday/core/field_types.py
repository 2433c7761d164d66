"""Refuses values of a wrong type in what users write: Python checks no annotation."""

from pytest_examday.errors import UsageProblem

_TYPES: dict[str, type] = {"phase": int, "hard": bool, "every_drill": bool, "reason_of_gate": bool, "runs_last": bool}
"""By the name of a field of activities, gates and lines: the type of its value."""


def refuse_wrong_types(place: str, one: object) -> None:
    """Raise UsageProblem, which names the place, where a field of an activity, gate or line has a value of another
    type."""
    for name, kind in _TYPES.items():
        value = getattr(one, name, None)
        if hasattr(one, name) and type(value) is not kind:
            raise UsageProblem(f"{place}: {name} is {value!r}; write {'a whole number' if kind is int else 'a bool'}")
