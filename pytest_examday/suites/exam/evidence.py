"""The records that the activities of the exam suite leave as evidence."""

from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from pytest_examday.config.profiles import Shape
from pytest_examday.errors import Unmeasurable
from pytest_examday.evidence.figures import (
    ActorFate,
    ActorWait,
    Arrivals,
    DatabasePoolFigures,
    ErrorCount,
    FiguresByOperation,
    Generator,
    HarmedActor,
    Histogram,
    MachineUse,
    MemoryFigures,
    OperationFigures,
    Stage,
    Window,
    WriteCounts,
)
from pytest_examday.evidence.probe import Probe
from pytest_examday.evidence.quantities import (
    Count,
    Milliseconds,
    Moment,
    Share,
    require_ascending,
    require_no_more,
    require_order,
    unique_by,
)
from pytest_examday.evidence.reconciliation import Reconciliation, SqlCheck
from pytest_examday.evidence.table_snapshot import TableSnapshot
from pytest_examday.record import Record

FreezeKind = Literal["guard", "allowed", "job"]
"""What phase 1 tries: an operation that exam mode must refuse, one that it must allow, a job that it must skip."""


class UntriedAct(Record):
    """A guarded or allowed operation, or a job, of which nobody knows whether it refuses, works or skips."""

    kind: FreezeKind
    name: str
    reason: str


class GuardCalls(Record):
    """How often a guarded operation was called, and the workers that are known to have answered.

    `missed` are workers that gave readings and none of these refusals. Both are empty where the answers do not tell
    their worker and the number of calls stands for all."""

    name: str
    calls: Count
    workers: tuple[str, ...] = ()
    missed: tuple[str, ...] = ()


class TableChange(Record):
    """A table that changed while an operation was refused, a job skipped, or a dry run accepted.

    `written` rows are new or changed, `gone` rows were deleted or replaced, both in the first try of `calls` calls.
    `named`: the contract says that the operation writes there. `repeated`: it happened again in a second try, after a
    time without a call in which the table stood still. `workers` are those known to have answered in the second try
    when it happened."""

    kind: FreezeKind
    name: str
    table: str
    calls: Count
    written: Count
    gone: Count
    named: bool
    repeated: bool
    workers: tuple[str, ...] = ()

    @property
    def may_be_own_note(self) -> bool:
        """Whether it may be the platform's own note of the call: no table that the contract names, and at most one row
        for each call."""
        return not self.named and max(self.written, self.gone) <= self.calls

    @property
    def is_effect(self) -> bool:
        """Whether it is known to be an effect of the act."""
        return self.repeated and not self.may_be_own_note


class FreezeEffects(Record):
    """What the database shows of the operations that were refused, the jobs that were skipped and the dry runs.

    `compared` is the number of these, `tables` the number of tables that were looked at. `moving` are tables that also
    changed while nothing was called. `unread` gives, for each table that would be needed, why it was not compared."""

    compared: Count
    tables: Count
    moving: tuple[str, ...] = ()
    unread: dict[str, str] = Field({})
    changes: tuple[TableChange, ...] = ()


class FreezeEvidence(Record):
    """Phase 1: exam mode, the guarded operations, the jobs and the endpoints.

    `exam_mode_readings` has two readings for each of `connections` new connections, `exam_mode_by_worker` the worst of
    each worker that readings name, `unreadable` what came back in place of a reading. `exam_mode_environment` is the
    variable of each worker, `workers_known` are the workers that the runtime knows. `guards`, `allowed` and `jobs` are
    those that could be tried, `untried` the others; where `not_called` gives a reason, guards and jobs were not called.
    `effects` is None where the database was not looked at, for the reason `effects_unmeasured`. `background_processes`
    are schedulers that run, None if processes could not be listed, for the reason `background_unlisted`.
    `table_snapshot` has the tables in which late effects would show; None where the database was not looked at.
    `environment_unread` says why no variable was read. `endpoints_untried` says why no candidate could try
    the endpoints.
    """

    exam_mode_readings: tuple[bool | None, ...]
    exam_mode_environment: dict[str, str | None]
    workers_seen: tuple[str, ...]
    guards: tuple[Probe, ...]
    allowed: tuple[Probe, ...]
    jobs: tuple[Probe, ...]
    background_processes: tuple[str, ...] | None
    endpoints: tuple[Probe, ...]
    connections: Count = 0
    exam_mode_by_worker: dict[str, bool | None] = Field({})
    unreadable: tuple[str, ...] = ()
    workers_known: tuple[str, ...] = ()
    untried: tuple[UntriedAct, ...] = ()
    not_called: str | None = None
    guard_calls: tuple[GuardCalls, ...] = ()
    effects: FreezeEffects | None = None
    table_snapshot: TableSnapshot | None = None
    endpoints_untried: str | None = None
    effects_unmeasured: str = "this evidence does not tell what the database showed"
    environment_unread: str = "this evidence does not tell why"
    background_unlisted: str = "this evidence does not tell why"


EXAM_OPERATIONS = ("create", "answer", "submit")
"""The writes of an exam. Seed 000, phase 2 has one test for each."""
WATCHED_OPERATIONS = ("health", "ready", *EXAM_OPERATIONS)
"""The operations whose recovery every drill watches: the list "Services Restored" of seed 000, phase 7."""


class ExamSchedule(Record):
    """When the exam of a load began, when its last part before the deadline began, and the deadline; all in seconds
    since the epoch."""

    begins: Moment
    steady_until: Moment
    deadline: Moment


class LoadEvidence(Record):
    """Phase 2: a load of candidates who sit a whole exam.

    `steady` are the figures of each operation after the ramp. `sections` are the parts of the exam: `arrivals`,
    `steady` and `deadline`, which are the three loads of seed 001 one after the other; a request belongs to the part in
    which it was sent, and parts that the shape leaves out are missing. `ledgers` and `samples` are files of the run
    directory, one of each for every process. `planned` counts the planned writes by operation. `machine` tells
    of the machine that ran both load and platform; None where the platform is not the embedded one. `failing_places`
    counts, for operations that failed too often, their requests by the log of the worker that served them. `slowest`
    are the candidates with the longest median wait after the ramp, of those with enough requests. A field that is None
    or empty was not told by the evidence."""

    profile: str
    test_type: str
    candidates: Count
    started: Moment
    ended: Moment
    operations: FiguresByOperation
    overall: OperationFigures
    steady: FiguresByOperation
    windows: Annotated[tuple[Window, ...], unique_by("started")]
    writes: WriteCounts
    simultaneous_submits: Count
    generator: Generator
    pool: DatabasePoolFigures
    redis_connection_failures: Count | None
    redis_reconnects: Count | None
    ready_degraded: Count
    fates: Annotated[tuple[ActorFate, ...], unique_by("actor")]
    harmed: tuple[HarmedActor, ...]
    ledgers: tuple[str, ...]
    samples: tuple[str, ...]
    engine: str = "candidates"
    shape: Shape = "exam"
    schedule: ExamSchedule | None = None
    sections: Annotated[tuple[Stage, ...], unique_by("name")] = ()
    planned: dict[str, Count] | None = None
    arrivals: Arrivals | None = None
    ready_readings: Count | None = None
    ready_silent: Count = 0
    memory: MemoryFigures | None = None
    histograms: Annotated[tuple[Histogram, ...], unique_by("operation", "kind", "span")] = ()
    machine: MachineUse | None = None
    slowest: Annotated[tuple[ActorWait, ...], unique_by("actor")] | None = None
    failing_places: dict[str, dict[str, ErrorCount]] = Field({})

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        require_order(self.started, self.ended, "the load")
        return self

    @property
    def nothing_measured(self) -> str | None:
        """Why this load proves nothing: it sent no request, or nobody was let in. None if it sent one."""
        if self.overall.requests:
            return None
        outside = next((fate for fate in self.fates if fate.kept_out), None)
        if outside is None:
            return "it sent no request"
        return f"nobody was let in ({outside.actor}: {outside.story}); is the password right?"

    def operation(self, name: str) -> OperationFigures | None:
        """The figures of this operation over the whole load; None if it was never called."""
        return next((figures for figures in self.operations if figures.operation == name), None)

    def after_ramp(self, name: str) -> OperationFigures | None:
        """The figures of this operation after the ramp; None if it was not called after the ramp."""
        return next((figures for figures in self.steady if figures.operation == name), None)

    @property
    def left_out(self) -> tuple[str, ...]:
        """The operations of an exam that the plan of this load did not have."""
        planned = self.planned
        return () if planned is None else tuple(name for name in EXAM_OPERATIONS if not planned.get(name))


class Trial(Record):
    """The trial of one behaviour: whether it held, None where it could not be tried, and what was seen."""

    behaviour: str
    held: bool | None
    detail: str


class ExperienceEvidence(Record):
    """Phase 5: what a candidate experiences, one probe for each step, and the behaviours that were tried.

    `untried` names the probes that could not be made, `not_promised` the lines that the platform does not promise, both
    with the reason."""

    probes: tuple[Probe, ...]
    untried: dict[str, str] = Field(default_factory=dict)
    trials: tuple[Trial, ...] = ()
    not_promised: dict[str, str] = Field(default_factory=dict)


class ObservabilityEvidence(Record):
    """Phase 6: what the platform's own logs and metrics tell of the rehearsal until then."""

    log_files: tuple[str, ...]
    log_lines: Count
    unreadable_lines: Count
    requests_logged: Count
    requests_disturbed: Count = Field(
        0, description="logged while a drill disturbed the platform; not in the figures below"
    )
    p50_ms: Milliseconds | None
    p95_ms: Milliseconds | None
    p99_ms: Milliseconds | None
    slow_queries: Count
    very_slow_queries: Count
    total_errors: Count
    server_errors: Count
    error_rate: Share | None
    pool: DatabasePoolFigures
    redis_reconnects: Count | None
    traced: Count
    trace_sampled: Count
    trace_missing: tuple[str, ...]
    trace_example: dict[str, str | None]
    incomplete_records: Count
    client_failures: Count
    failures_logged: Count
    failures_silent: tuple[str, ...]
    log_begins: Moment | None = Field(None, description="the earliest time of all log lines that were read")
    log_beginning: str | None = Field(None, description="the line of that time, cut")
    trace_before_log: Count = Field(0, description="requests that were not found and ended before the log begins")
    failures_before_log: Count = Field(0, description="failures that were not found and ended before the log begins")
    contradictions: dict[str, Count] | None = Field(
        None,
        description="log lines that say something else than their clients saw, by kind: status, duration, user, route",
    )
    contradicting: tuple[str, ...] = ()
    secrets_logged: tuple[str, ...] = Field(
        (), description="kinds of secrets that a candidate sent and the log holds, each with the first file that does"
    )
    clock_offsets: dict[str, float] = Field(
        default_factory=dict,
        description="log file -> seconds by which its times are ahead of this machine's clock (negative: behind)",
    )
    followed_in_drills: Count = Field(
        0, description="accepted requests that candidates of drills sent while no fault was in, looked for in the log"
    )
    missing_in_drills: dict[str, tuple[str, ...]] = Field(
        default_factory=dict, description="drill -> the ids of those that the log does not have"
    )
    gateway_failures: Count = Field(0, description="502 and 504 of a proxy for connections that a drill cut behind it")
    provoked: tuple[Probe, ...]

    @model_validator(mode="after")
    def _adds_up(self) -> Self:
        require_no_more(self.requests_disturbed, self.requests_logged, "more requests disturbed than logged")
        require_no_more(self.traced, self.trace_sampled, "more requests traced than sampled")
        untraced, silent = self.trace_sampled - self.traced, self.client_failures - self.failures_logged
        require_no_more(self.failures_logged, self.client_failures, "more failures logged than clients saw")
        require_no_more(self.trace_before_log, untraced, "more requests older than the log than were not found")
        require_no_more(self.failures_before_log, silent, "more failures older than the log than were not found")
        require_ascending((self.p50_ms, self.p95_ms, self.p99_ms), "logged durations")
        return self


class DataSummary(Record):
    """The summary statistics of the report template (seed 000, phase 4)."""

    sessions: Count
    submitted_sessions: Count
    answers: Count
    events: Count | None = None
    sessions_with_submit_event: Count | None = None


class IntegrityEvidence(Record):
    """Phase 4, and once more after the recovery drill.

    If only the API tells what is stored, there are no checks and no summary, and `checks_unmeasured` says why.
    `own_log`: the platform has a log of answers of its own, and the schema says where.
    """

    checks: Annotated[tuple[SqlCheck, ...], unique_by("name")]
    summary: DataSummary | None
    reconciliation: Reconciliation
    checks_unmeasured: str | None = None
    own_log: bool = True

    def check(self, name: str) -> SqlCheck:
        """The SQL check of this name; raises Unmeasurable if it was not run."""
        if self.checks_unmeasured is not None:
            raise Unmeasurable(self.checks_unmeasured)
        for check in self.checks:
            if check.name == name:
                return check
        raise Unmeasurable(f"the SQL check {name} was not run")
