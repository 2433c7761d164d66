"""The evidence of a drill: a fault was put in while actors worked, and the platform recovered from it or did not."""

from typing import Annotated, Self

from pydantic import Field, model_validator

from pytest_examday.evidence.figures import (
    GATEWAY_STATUSES,
    ActorFate,
    FiguresByOperation,
    HarmedActor,
    MachineUse,
    OperationFigures,
    Stage,
    WriteCounts,
)
from pytest_examday.evidence.probe import Probe
from pytest_examday.evidence.quantities import Count, Moment, Seconds, unique_by
from pytest_examday.evidence.reconciliation import Reconciliation
from pytest_examday.record import Record

_ROUNDED = 0.01
"""By how much `held_seconds` may differ from the moments that it was computed from, because it is rounded."""


class Recovery(Record):
    """The recovery of one operation, store or worker: the seconds from the removal of the fault to the first of several
    good answers in a row; None if they never came in the `watched_seconds` for which it was watched.

    `watched_seconds` is None if the evidence does not tell."""

    name: str
    seconds: Seconds | None
    detail: str
    watched_seconds: Seconds | None = None


READ_BACK = "read back"
"""The value of `FaultReading.by` for what the undo of the fault read back from the platform."""


class FaultReading(Record):
    """One look at a fault while it was in, `seconds` after it went in.

    `by` is `read back`, or the address at which the fault was felt. `there` says whether it showed, None if nobody
    could tell. `detail` is what was seen."""

    by: str
    seconds: Seconds
    there: bool | None
    detail: str


class DrillEvidence(Record):
    """A fault that was put in while actors worked, and taken out.

    `drill` is the name of the drill's activity (`drill_worker_pause`), which is also the name of its evidence file.
    `injected` and `removal_began` are seconds since the epoch. `asked_seconds` is for how long the fault was to stay in,
    None if the evidence does not tell. `readings` are all looks at the fault while it was in. `delay_ms` is how
    late it was to make replies, None for a fault of another kind. `cuts_connections`: broken connections are the
    fault itself and not a crash of the platform. `outage`: nobody can be served while the fault is in.
    `undisturbed` are the figures of each operation in an earlier load without a fault. `stopped_because` is the harm for
    which the fault was taken out early, None if it was not. `warning_sample` is one of the logged warnings, or the
    reason why `warnings_logged` is None. `not_compared_because` is the reason why there is no `reconciliation`.
    `absent` are operations that the platform does not have. `workers_unwatched` says which workers nobody watched and
    why, `workers_mistaken` that runtime and answers name different ones; None if that is not so. `machine` tells of the
    machine that ran both drill and platform; None where the platform is not the embedded one."""

    drill: str
    scenario: str
    target: str
    cuts_connections: bool = False
    outage: bool = False
    stopped_because: str | None = None
    injected: Moment
    removal_began: Moment
    held_seconds: Annotated[float, Field(gt=0)]
    asked_seconds: Seconds | None = None
    readings: tuple[FaultReading, ...] = ()
    delay_ms: Count | None = None
    restart_seconds: Seconds | None
    before: Stage
    during: Stage
    after: Stage
    undisturbed: FiguresByOperation = ()
    probes: tuple[Probe, ...]
    warnings_logged: Count | None
    warning_sample: str | None
    recoveries: Annotated[tuple[Recovery, ...], unique_by("name")]
    absent: tuple[str, ...] = ()
    workers_unwatched: str | None = None
    workers_mistaken: str | None = None
    fault_gone: bool
    fault_gone_detail: str
    writes: WriteCounts
    reconciliation: Reconciliation | None
    not_compared_because: str | None = None
    fates: Annotated[tuple[ActorFate, ...], unique_by("actor")]
    harmed: tuple[HarmedActor, ...]
    ledgers: tuple[str, ...]
    samples: tuple[str, ...]
    machine: MachineUse | None = None

    @model_validator(mode="after")
    def _was_held(self) -> Self:
        span = self.removal_began - self.injected
        if abs(span - self.held_seconds) > _ROUNDED:
            raise ValueError(f"held_seconds is {self.held_seconds:g}, and from injected to removed it was {span:.3f} s")
        return self

    def crashed(self, figures: OperationFigures) -> int:
        """How many of these requests the platform failed through a fault of its own.

        Server errors and unusable answers count, and so do broken connections and timeouts: a worker may close the
        socket after an unhandled error. If the fault itself cuts connections, these do not count, and neither do a
        proxy's 502 and 504. In an outage nothing counts.
        """
        if self.outage:
            return 0
        outcomes = {"server_error", "unexpected"} | (set() if self.cuts_connections else {"timeout", "transport"})
        failed = sum(count for outcome, count in figures.by_outcome.items() if outcome in outcomes)
        cut = sum(figures.by_status.get(str(status), 0) for status in GATEWAY_STATUSES) if self.cuts_connections else 0
        return max(0, failed - cut)

    @property
    def recovery_seconds(self) -> float | None:
        """The longest of the recovery times; None if something did not recover or nothing was watched."""
        times = [recovery.seconds for recovery in self.recoveries]
        return None if not times or None in times else max(time for time in times if time is not None)
