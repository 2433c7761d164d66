"""What a drill leaves: a fault that was put in while actors worked, and how the platform got over it."""

from pytest_examday.evidence.figures import (
    GATEWAY_STATUSES,
    ActorFate,
    HarmedActor,
    OperationFigures,
    Stage,
    WriteCounts,
)
from pytest_examday.evidence.probe import Probe
from pytest_examday.evidence.reconciliation import Reconciliation
from pytest_examday.record import Record


class Recovery(Record):
    """Seconds from the removal of the fault to the first of several good answers in a row; None: never seen."""

    name: str
    seconds: float | None
    detail: str


class DrillEvidence(Record):
    """Phases 3 and 7: a fault put in while actors worked, and taken out.

    `cuts_connections` says that broken connections are the fault itself and not a crash of the platform; `outage` that
    nobody can be served while it is in. `stopped` is the harm for which it was taken out before its time.
    """

    drill: str
    scenario: str
    target: str
    cuts_connections: bool = False
    outage: bool = False
    stopped: str | None = None
    injected: float
    removed: float
    held_seconds: float
    restart_seconds: float | None
    before: Stage
    during: Stage
    after: Stage
    probes: tuple[Probe, ...]
    warnings_logged: int | None
    warning_sample: str | None
    recoveries: tuple[Recovery, ...]
    fault_gone: bool
    fault_gone_detail: str
    writes: WriteCounts
    reconciliation: Reconciliation | None
    fates: tuple[ActorFate, ...]
    harmed: tuple[HarmedActor, ...]
    ledgers: tuple[str, ...]
    samples: tuple[str, ...]

    def crashed(self, figures: OperationFigures) -> int:
        """How many of these requests the platform failed on its own account. A worker that closes the socket
        after an unhandled error crashed too, unless the fault is what closes sockets: then a proxy in front tells of
        them as 502 or 504. In an outage none crashes."""
        if self.outage:
            return 0
        outcomes = {"server_error", "unexpected"} | (set() if self.cuts_connections else {"timeout", "transport"})
        failed = sum(count for outcome, count in figures.by_outcome.items() if outcome in outcomes)
        cut = sum(figures.by_status.get(str(status), 0) for status in GATEWAY_STATUSES) if self.cuts_connections else 0
        return max(0, failed - cut)

    @property
    def recovery_seconds(self) -> float | None:
        """The longest of the recovery times, None where one was never seen."""
        times = [recovery.seconds for recovery in self.recoveries]
        return None if not times or None in times else max(time for time in times if time is not None)
