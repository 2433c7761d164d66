"""The records of the other phases."""

from typing import Any

from pydantic import Field, model_validator

from pytest_examday.config.profiles import Shape
from pytest_examday.evidence.figures import (
    GATEWAY_STATUSES,
    Arrivals,
    CandidateFate,
    Generator,
    HarmedCandidate,
    Histogram,
    OperationFigures,
    PoolFigures,
    Window,
    WriteCounts,
)
from pytest_examday.evidence.integrity import Reconciliation
from pytest_examday.record import Record

_SKEWED_SECONDS = 1.0
"""Log lines are looked for in spans of time with a second's grace; beyond it they would be missed."""


class PreflightEvidence(Record):
    """What answered before anything was done; `healed` tells of faults that earlier runs had left in.

    `clock_skew` are the seconds by which a service's clock is ahead of ours, None where nobody can tell.
    """

    api_url: str
    ready: dict[str, str | None]
    database: str
    cache: str
    runtime: str
    services: tuple[str, ...]
    reached_seconds: float
    healed: tuple[str, ...] = ()
    clock_skew: dict[str, float | None] = Field({})

    @property
    def skewed(self) -> dict[str, float]:
        """The services whose clock is so far off that lines of their log would be missed."""
        told = {name: skew for name, skew in self.clock_skew.items() if skew is not None}
        return {name: skew for name, skew in told.items() if abs(skew) > _SKEWED_SECONDS}


class Probe(Record):
    """One thing tried against the platform and what came back."""

    name: str
    passed: bool
    detail: str
    status: int | None = None
    request_id: str | None = None
    ms: float | None = None


class FreezeEvidence(Record):
    """Phase 1: exam mode as every fresh connection and every worker tells it, the guards, the jobs."""

    exam_mode_readings: tuple[bool | None, ...]
    exam_mode_environment: dict[str, str | None]
    workers_seen: tuple[str, ...]
    guards: tuple[Probe, ...]
    allowed: tuple[Probe, ...]
    jobs: tuple[Probe, ...]
    background_processes: tuple[str, ...] | None
    endpoints: tuple[Probe, ...]


EXAM_OPERATIONS = ("create", "answer", "submit")
"""The writes of an exam: seed 000, phase 2 has one test for each."""


class Stage(Record):
    """A span of a load or a drill (before, during or after the fault): what candidates met in it."""

    name: str
    started: float
    ended: float
    overall: OperationFigures
    operations: tuple[OperationFigures, ...]


class ExamSchedule(Record):
    """When the exam of a load began, when its last stretch did, and its deadline; seconds since the epoch."""

    begins: float
    steady_until: float
    deadline: float


class _Recorded(Record):
    """What candidates left in files of the run directory, one ledger and one file of samples a process."""

    ledgers: tuple[str, ...]
    samples: tuple[str, ...]

    @model_validator(mode="before")
    @classmethod
    def _names_of_one_file(cls, data: Any) -> Any:
        """Evidence of version 0.1 names one `ledger` and one file of `samples`."""
        if isinstance(data, dict) and "ledger" in data and "ledgers" not in data:
            data = {**data, "ledgers": (data["ledger"],)}
            del data["ledger"]
        if isinstance(data, dict) and isinstance(data.get("samples"), str):
            data = {**data, "samples": (data["samples"],)}
        return data


class LoadEvidence(_Recorded):
    """Phase 2: an exam lived by candidates.

    `steady` are the figures after the ramp. `sections` are the parts of the exam by the moment of sending: `arrivals`,
    `steady` and `deadline`, the three loads of seed 001 as parts of one life; a part that the shape leaves out is not
    there. `planned` counts the plan's writes by operation. None or nothing: the evidence does not tell.
    """

    profile: str
    test_type: str
    candidates: int
    started: float
    ended: float
    operations: tuple[OperationFigures, ...]
    overall: OperationFigures
    steady: tuple[OperationFigures, ...]
    windows: tuple[Window, ...]
    writes: WriteCounts
    simultaneous_submits: int
    generator: Generator
    pool: PoolFigures
    redis_connection_failures: int | None
    redis_reconnects: int | None
    ready_degraded: int
    fates: tuple[CandidateFate, ...]
    harmed: tuple[HarmedCandidate, ...]
    engine: str = "candidates"
    shape: Shape = "exam"
    schedule: ExamSchedule | None = None
    sections: tuple[Stage, ...] = ()
    planned: dict[str, int] | None = None
    arrivals: Arrivals | None = None
    histograms: tuple[Histogram, ...] = ()

    @property
    def nothing_measured(self) -> str | None:
        """Why this load proves nothing, however it was planned: it sent no request at all."""
        return "it sent no request" if self.overall.requests == 0 else None

    def operation(self, name: str) -> OperationFigures | None:
        """The figures of that operation over the whole load, None where it was never called."""
        return next((figures for figures in self.operations if figures.operation == name), None)

    def after_ramp(self, name: str) -> OperationFigures | None:
        """The figures of that operation after the ramp, None where it was not called then."""
        return next((figures for figures in self.steady if figures.operation == name), None)

    @property
    def left_out(self) -> tuple[str, ...]:
        """The operations of an exam that were no part of this load's plan."""
        planned = self.planned
        return () if planned is None else tuple(name for name in EXAM_OPERATIONS if not planned.get(name))


class Recovery(Record):
    """Seconds from the removal of the fault to the first of several good answers in a row; None: never seen."""

    name: str
    seconds: float | None
    detail: str


class DrillEvidence(_Recorded):
    """Phases 3 and 7: a fault put in while candidates worked, and taken out.

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
    fates: tuple[CandidateFate, ...]
    harmed: tuple[HarmedCandidate, ...]

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


class ExperienceEvidence(Record):
    """Phase 5: what a candidate lives through, step by step."""

    probes: tuple[Probe, ...]

    def probe(self, name: str) -> Probe:
        """The probe of that name; KeyError where it was not made."""
        for probe in self.probes:
            if probe.name == name:
                return probe
        raise KeyError(name)


class ObservabilityEvidence(Record):
    """Phase 6: what the platform's own logs and metrics say of the rehearsal so far."""

    log_files: tuple[str, ...]
    log_lines: int
    unreadable_lines: int
    requests_logged: int
    requests_disturbed: int = Field(
        0, description="logged while a drill disturbed the platform; not in the figures below"
    )
    p50_ms: float | None
    p95_ms: float | None
    p99_ms: float | None
    slow_queries: int
    very_slow_queries: int
    total_errors: int
    server_errors: int
    error_rate: float | None
    pool: PoolFigures
    redis_reconnects: int | None
    traced: int
    trace_sampled: int
    trace_missing: tuple[str, ...]
    trace_example: dict[str, str | None]
    incomplete_records: int
    client_failures: int
    failures_logged: int
    failures_silent: tuple[str, ...]
    gateway_failures: int = Field(0, description="502 and 504 of a proxy for connections that a drill cut behind it")
    provoked: tuple[Probe, ...]
