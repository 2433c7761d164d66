"""The run that evidence comes from."""

from typing import Literal

from pydantic import AwareDatetime, Field

from pytest_examday.record import Record


class Origin(Record):
    """The run that evidence comes from: the names of its environment and profile, its id, and the version of the
    plugin that measured."""

    environment: str
    profile: str
    run: str = Field(min_length=1)
    version: str

    def other_than(self, expected: "Origin") -> str | None:
        """What differs first: this one's value and the expected one; None where nothing does."""
        for name in Origin.model_fields:
            told, wanted = getattr(self, name), getattr(expected, name)
            if told != wanted:
                return f"of {name} {told} and not of {name} {wanted}"
        return None


class RunIdentity(Origin):
    """The contents of `run.json`, which is written before anything is measured. `began` is when."""

    schema_: Literal["examday/run/1"] = Field(default="examday/run/1", alias="schema")
    began: AwareDatetime
