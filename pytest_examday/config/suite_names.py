"""Names in a configuration that only the suites of a run know: promises and drills."""

from dataclasses import dataclass
from typing import Literal

from pydantic import ValidationInfo

from pytest_examday.did_you_mean import did_you_mean
from pytest_examday.several_mistakes import several_mistakes


@dataclass(frozen=True)
class SuiteNames:
    """The names that the suites of a run define; `drills` are those that a profile may add."""

    promises: tuple[str, ...]
    drills: tuple[str, ...]


def refuse_unknown(
    kind: Literal["promises", "drills"], names: tuple[str, ...], info: ValidationInfo, *more: str
) -> tuple[str, ...]:
    """The names themselves, of which `more` are valid too. Raises the error of a validator for each that is unknown.

    If the validation has no `SuiteNames` as its context, every name is accepted.
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
