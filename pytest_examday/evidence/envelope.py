"""The form in which every activity's evidence is kept: its record, or the reason why there is none."""

from typing import Generic, Literal, Self, TypeVar

from pydantic import AwareDatetime, Field, model_validator

from pytest_examday.evidence.drill_evidence import DrillEvidence
from pytest_examday.evidence.origin import Origin
from pytest_examday.monotonic_clock import now_utc
from pytest_examday.record import Record

_Any = TypeVar("_Any", bound=Record)
_ROUNDED_SECONDS = 1.0
"""By how much the moments of a drill may lie outside the time of its activity, because they are rounded."""


class Evidence(Record, Generic[_Any]):
    """The evidence of one activity in one run.

    Either `record` is set, or `unmeasured` says why there is none. `run`, `environment`, `profile` and `version` are
    the origin; they are None until the evidence is kept.
    """

    schema_: Literal["examday/evidence/1"] = Field(default="examday/evidence/1", alias="schema")
    activity: str
    run: str | None = None
    environment: str | None = None
    profile: str | None = None
    version: str | None = None
    started: AwareDatetime
    ended: AwareDatetime
    record: _Any | None
    unmeasured: str | None

    @model_validator(mode="after")
    def _either_or(self) -> Self:
        if (self.record is None) == (self.unmeasured is None):
            raise ValueError("needs either a record or the reason why nothing was measured")
        if isinstance(self.record, DrillEvidence) and self.record.drill != self.activity:
            raise ValueError(f"holds the record of {self.record.drill}")
        return self

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        if self.ended < self.started:
            raise ValueError(f"ended {self.ended:%H:%M:%S}, before it started at {self.started:%H:%M:%S}")
        if isinstance(self.record, DrillEvidence):
            first, last = self.started.timestamp() - _ROUNDED_SECONDS, self.ended.timestamp() + _ROUNDED_SECONDS
            for name in ("injected", "removal_began"):
                if not first <= getattr(self.record, name) <= last:
                    raise ValueError(
                        f"record.{name} is not between {self.started:%H:%M:%S} and {self.ended:%H:%M:%S}, "
                        "when the drill ran"
                    )
        return self

    @property
    def origin(self) -> Origin | None:
        """The run that it comes from; None if one of its fields is missing."""
        fields = {name: getattr(self, name) for name in Origin.model_fields}
        return None if None in fields.values() else Origin(**fields)


def unmeasured(activity: str, reason: str, started: AwareDatetime | None = None) -> Evidence[_Any]:
    """The evidence of an activity that measured nothing, with the reason."""
    now = now_utc()
    return Evidence[_Any](activity=activity, started=started or now, ended=now, record=None, unmeasured=reason)
