"""The run that evidence comes from."""

from typing import Literal

from pydantic import AwareDatetime, Field

from pytest_examday.record import Record


class Origin(Record):
    """The run that evidence comes from."""

    environment: str
    profile: str
    run: str = Field(min_length=1)
    """The id of the run."""
    version: str
    """The version of the plugin that measured."""

    def other_than(self, expected: "Origin") -> str | None:
        """The first field that differs from `expected`, in words; None if none does."""
        for name in Origin.model_fields:
            own, other = getattr(self, name), getattr(expected, name)
            if own != other:
                return f"of {name} {own} and not of {name} {other}"
        return None


class RunIdentity(Origin):
    """The contents of `run.json`, which is written at the time `began`, before anything is measured."""

    schema_: Literal["examday/run/1"] = Field(default="examday/run/1", alias="schema")
    began: AwareDatetime
