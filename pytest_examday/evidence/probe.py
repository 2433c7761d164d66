"""One thing tried against the platform."""

from pytest_examday.record import Record


class Probe(Record):
    """One thing tried against the platform and what came back."""

    name: str
    passed: bool
    detail: str
    status: int | None = None
    request_id: str | None = None
    ms: float | None = None
