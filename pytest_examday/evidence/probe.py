"""The record of one try."""

from pytest_examday.evidence.quantities import Count, Milliseconds
from pytest_examday.record import Record


class Probe(Record):
    """Something that was tried on the platform: whether it worked, and what came back."""

    name: str
    passed: bool
    detail: str
    status: Count | None = None
    request_id: str | None = None
    ms: Milliseconds | None = None
