"""Refuses wrong types in the objects that users write, because Python does not check annotations."""

from pytest_examday.errors import UsageProblem

_TYPES: dict[str, type] = {
    "phase": int,
    "hard": bool,
    "every_drill": bool,
    "reason_of_gate": bool,
    "runs_last": bool,
    "reaches": bool,
}
"""Field of an activity, gate or line -> the type of its value."""


def refuse_wrong_types(place: str, member: object) -> None:
    """Raise UsageProblem if a field of an activity, gate or line has a value of another type; it names the place."""
    for name, kind in _TYPES.items():
        value = getattr(member, name, None)
        if hasattr(member, name) and type(value) is not kind:
            raise UsageProblem(f"{place}: {name} is {value!r}; write {'a whole number' if kind is int else 'a bool'}")
