"""The form in which every activity's evidence is kept: its record, or the reason why there is none."""

from datetime import UTC, datetime
from typing import Generic, Literal, Self, TypeVar

from pydantic import Field, model_validator

from pytest_examday.evidence.drill_outcome import DrillEvidence
from pytest_examday.record import Record

_Any = TypeVar("_Any", bound=Record)


class Evidence(Record, Generic[_Any]):
    """The evidence of one activity in one environment.

    Either `record` is set, or `unmeasured` says why there is none.
    """

    schema_: Literal["examday/evidence/1"] = Field(default="examday/evidence/1", alias="schema")
    activity: str
    environment: str | None = None
    started: datetime
    ended: datetime
    record: _Any | None
    unmeasured: str | None

    @model_validator(mode="after")
    def _either_or(self) -> Self:
        if (self.record is None) == (self.unmeasured is None):
            raise ValueError("needs either a record or the reason why nothing was measured")
        if isinstance(self.record, DrillEvidence) and self.record.drill != self.activity:
            raise ValueError(f"holds the record of {self.record.drill}")
        return self


def unmeasured(activity: str, reason: str, started: datetime | None = None) -> Evidence[_Any]:
    """The evidence of an activity that measured nothing, with the reason."""
    now = datetime.now(UTC)
    return Evidence[_Any](activity=activity, started=started or now, ended=now, record=None, unmeasured=reason)
