"""Names in a configuration that only the suites of a run know: promises and drills."""

from dataclasses import dataclass
from typing import Literal

from pydantic import ValidationInfo

from pytest_examday.did_you_mean import did_you_mean
from pytest_examday.several_mistakes import several_mistakes


@dataclass(frozen=True)
class SuiteNames:
    """The names that the suites of a run define and that a configuration may use."""

    promises: tuple[str, ...]
    """The keys of lines that `not_promised` may name."""
    drills: tuple[str, ...]
    """The drills that a profile may add."""


def refuse_unknown(
    kind: Literal["promises", "drills"], names: tuple[str, ...], info: ValidationInfo, *more: str
) -> tuple[str, ...]:
    """The names, unchanged; for the validator of a field that holds names of promises or drills.

    Raises an error for each name that the suites of the run do not define and that is not among `more`. The suites'
    names are the context of the validation; without a context every name is accepted.
    """
    if not isinstance(info.context, SuiteNames):
        return names
    valid = (*more, *getattr(info.context, kind))
    mistakes = [
        ((number,), f"unknown {kind[:-1]} {name!r}; {did_you_mean(name, valid)}valid: {', '.join(valid)}")
        for number, name in enumerate(names)
        if name not in valid
    ]
    if mistakes:
        raise several_mistakes(mistakes)
    return names
