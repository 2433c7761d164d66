"""The record of one try."""

from typing import Self

from pytest_examday.evidence.quantities import Count, Milliseconds
from pytest_examday.record import Record


class Probe(Record):
    """Something that was tried on the platform."""

    name: str
    passed: bool | None
    """Whether it worked; None if it could not be tried, or if the reply does not show it."""
    detail: str
    """The reply, or the reason why it is not known whether it worked."""
    status: Count | None = None
    request_id: str | None = None
    returned_id: str | None = None
    """The request id in the reply, if it differs from the id that was sent."""
    ms: Milliseconds | None = None
    promised: bool = True
    """False if the platform does not promise what would be tried: then nothing was tried, and nothing is judged."""

    @classmethod
    def untried(cls, name: str, why: str) -> Self:
        """The probe of something that could not be tried, with the reason."""
        return cls(name=name, passed=None, detail=why)

    @classmethod
    def not_promised(cls, name: str, why: str) -> Self:
        """The probe of something that the platform does not promise, with the reason."""
        return cls(name=name, passed=None, detail=f"not promised: {why}", promised=False)
