"""The evidence of a drill: a fault was put in while actors worked, and the platform recovered from it or did not."""

from typing import Annotated, Any, Self

from pydantic import Field, model_validator

from pytest_examday.evidence.figures import (
    GATEWAY_STATUSES,
    ActorFate,
    DrillStage,
    FiguresByOperation,
    HarmedActor,
    MachineUse,
    OperationFigures,
    WriteCounts,
)
from pytest_examday.evidence.former_names import by_present_names
from pytest_examday.evidence.probe import Probe
from pytest_examday.evidence.quantities import Count, Moment, Seconds, unique_by
from pytest_examday.evidence.reconciliation import Reconciliation
from pytest_examday.record import Record

_ROUNDED = 0.01
"""By how much `held_seconds` may differ from the moments that it was computed from, because it is rounded."""


class Recovery(Record):
    """The recovery of one operation, store or worker: the seconds from the removal of the fault to the first of several
    good replies in a row; None if they never came in the `watched_seconds` for which it was watched.

    `watched_seconds` is None if the evidence does not say. If it did not recover, `last_failure` is the last reply
    that was not good, in words; `too_slow` says that this reply did not come in time, or that nothing was seen."""

    name: str
    seconds: Seconds | None
    detail: str
    watched_seconds: Seconds | None = None
    too_slow: bool = False
    last_failure: str = ""


READ_BACK = "read back"
"""The value of `FaultReading.observer` for what the undo of the fault read back from the platform."""


class FaultReading(Record):
    """One observation of a fault while it was in."""

    observer: str
    """`read back`; or what observed the effect of the fault: the address of a sense, a probe, or `the actors`."""
    seconds: Seconds
    """How long the fault had been in."""
    present: bool | None
    """Whether the fault or its effect was observed; None if that could not be observed."""
    detail: str
    """What was observed, in words."""

    @model_validator(mode="before")
    @classmethod
    def _by_present_names(cls, fields: Any) -> Any:
        return by_present_names(fields, {"by": "observer", "there": "present"})


class DrillEvidence(Record):
    """A fault that was put in while actors worked, and taken out."""

    drill: str
    """The name of the drill's activity (`drill_worker_pause`), which is also the name of its evidence file."""
    scenario: str
    target: str
    """The service that the fault was put into."""
    cuts_connections: bool = False
    """Broken connections are the fault itself and no crash of the platform."""
    outage: bool = False
    """The platform can serve nobody while the fault is in."""
    stopped_because: str | None = None
    """The harm for which the fault was taken out early; None if it was not."""
    injected: Moment
    """When the fault was in."""
    removal_began: Moment
    """When the removal of the fault began."""
    held_seconds: Annotated[float, Field(gt=0)]
    """From `injected` to `removal_began`."""
    planned_seconds: Seconds | None = None
    """How long the drill planned to leave the fault in; None if the evidence does not say."""
    readings: tuple[FaultReading, ...] = ()
    """All observations of the fault while it was in."""
    delay_ms: Count | None = None
    """By how much the fault delays replies; None for a fault of another kind."""
    restart_seconds: Seconds | None
    """How long the removal of the fault took."""
    before: DrillStage
    during: DrillStage
    after: DrillStage
    undisturbed: FiguresByOperation = ()
    """The figures of each operation in an earlier load without a fault."""
    undisturbed_losses: Count = 0
    """How many acknowledged writes of that load are lost; counted only if the drill lost something too, otherwise 0."""
    undisturbed_writes: Count = 0
    """How many writes of that load were acknowledged; counted only if `undisturbed_losses` is."""
    failed_before: dict[str, str] = Field(default_factory=dict)
    """Operation that was not accepted just before the fault -> its reply in words."""
    probes: tuple[Probe, ...]
    warnings_logged: Count | None
    warning_sample: str | None = None
    """One of the logged warnings; None if there is none."""
    warnings_unread: str | None = None
    """Why `warnings_logged` is None; None if nothing had to be looked for."""
    recoveries: Annotated[tuple[Recovery, ...], unique_by("name")]
    absent: tuple[str, ...] = ()
    """Operations that the platform does not have."""
    workers_unwatched: str | None = None
    """Which workers were not watched, and why; None if all were."""
    workers_mistaken: str | None = None
    """A sentence that the runtime and the replies name different workers; None if they name the same."""
    fault_gone: bool
    fault_gone_detail: str
    writes: WriteCounts
    reconciliation: Reconciliation | None
    not_compared_because: str | None = None
    """Why there is no `reconciliation`."""
    fates: Annotated[tuple[ActorFate, ...], unique_by("actor")]
    harmed: tuple[HarmedActor, ...]
    ledgers: tuple[str, ...]
    samples: tuple[str, ...]
    machine: MachineUse | None = None
    """Who used the processors of the machine; None unless the platform is the embedded one."""

    @model_validator(mode="before")
    @classmethod
    def _by_present_names(cls, fields: Any) -> Any:
        return by_present_names(fields, {"asked_seconds": "planned_seconds"})

    @model_validator(mode="after")
    def _was_held(self) -> Self:
        span = self.removal_began - self.injected
        if abs(span - self.held_seconds) > _ROUNDED:
            raise ValueError(
                f"held_seconds is {self.held_seconds:g}, and from injected to removal_began it was {span:.3f} s"
            )
        return self

    def crashed(self, figures: OperationFigures) -> int:
        """How many of these requests the platform failed through a fault of its own.

        Server errors and unusable replies count, and so do broken connections and timeouts: a worker may close the
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
