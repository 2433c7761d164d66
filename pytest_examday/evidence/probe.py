"""The record of one try."""

from typing import Self

from pytest_examday.evidence.quantities import Count, Milliseconds
from pytest_examday.record import Record


class Probe(Record):
    """Something that was tried on the platform: whether it worked, and what came back.

    `passed` is None where it could not be tried, or where what came back tells neither; `detail` says why."""

    name: str
    passed: bool | None
    detail: str
    status: Count | None = None
    request_id: str | None = None
    ms: Milliseconds | None = None

    @classmethod
    def untried(cls, name: str, why: str) -> Self:
        """The probe of something that could not be tried, with the reason."""
        return cls(name=name, passed=None, detail=why)
