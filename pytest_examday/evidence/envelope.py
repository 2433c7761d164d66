"""What one activity left: its record, or the reason why there is none."""

from datetime import UTC, datetime
from typing import Generic, Literal, TypeVar

from pydantic import Field

from pytest_examday.record import Record

_Any = TypeVar("_Any", bound=Record)


class Evidence(Record, Generic[_Any]):
    """What one activity left on which environment: its record, or the reason why there is none."""

    schema_: Literal["examday/evidence/1"] = Field(default="examday/evidence/1", alias="schema")
    activity: str
    environment: str | None = None
    started: datetime
    ended: datetime
    record: _Any | None
    unmeasured: str | None


def unmeasured(activity: str, reason: str, started: datetime | None = None) -> Evidence[_Any]:
    """The evidence of an activity that measured nothing, and why."""
    now = datetime.now(UTC)
    return Evidence[_Any](activity=activity, started=started or now, ended=now, record=None, unmeasured=reason)
