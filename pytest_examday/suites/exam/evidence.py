"""The records that the activities of the exam suite leave as evidence."""

from typing import Annotated, Any, Literal, Self

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
    GeneratorFigures,
    HarmedActor,
    Histogram,
    LoadPart,
    MachineUse,
    MemoryFigures,
    OpenFiles,
    OperationFigures,
    Window,
    WriteCounts,
)
from pytest_examday.evidence.former_names import by_present_names
from pytest_examday.evidence.probe import Probe
from pytest_examday.evidence.quantities import (
    Count,
    Milliseconds,
    Moment,
    Seconds,
    Share,
    require_ascending,
    require_no_more,
    require_order,
    unique_by,
)
from pytest_examday.evidence.reconciliation import Reconciliation, SqlCheck
from pytest_examday.evidence.table_snapshot import TableSnapshot
from pytest_examday.record import Record

FreezeKind = Literal["protected", "allowed", "job"]
"""What phase 1 tries: an operation that exam mode must refuse, one that it must allow, a job that it must skip."""


class UntriedAct(Record):
    """A protected operation, an allowed operation or a job that could not be tried."""

    kind: FreezeKind
    name: str
    reason: str


class ProtectedCalls(Record):
    """How often a protected operation was called, and which workers answered."""

    name: str
    calls: Count
    workers: tuple[str, ...] = ()
    """The workers that are known to have replied; empty if the replies do not name their worker."""
    missed: tuple[str, ...] = ()
    """The workers that replied to readings of exam mode and to none of these calls; empty if the replies do not name
    their worker."""


class TableChange(Record):
    """A table that changed while an operation was refused, a job skipped, or a dry run accepted."""

    kind: FreezeKind
    name: str
    """The name of the operation or job."""
    table: str
    calls: Count
    """How often it was called in the first try."""
    written: Count
    """Rows that were new or changed in the first try."""
    gone: Count
    """Rows that were deleted or replaced in the first try."""
    named: bool
    """Whether the contract says that the operation writes to this table."""
    repeated: bool
    """Whether the table changed again in a second try, after a time without a call in which it did not change."""
    workers: tuple[str, ...] = ()
    """The workers that are known to have replied in the second try when the table changed."""

    @property
    def may_be_own_note(self) -> bool:
        """Whether it may be the platform's own note of the call: the contract does not name the table, and each call
        made at most one row."""
        return not self.named and max(self.written, self.gone) <= self.calls

    @property
    def is_effect(self) -> bool:
        """Whether it is known to be an effect of the call."""
        return self.repeated and not self.may_be_own_note


class FreezeEffects(Record):
    """The changes of tables while operations were refused, jobs skipped, and dry runs accepted."""

    compared: Count
    """How many of these operations, jobs and dry runs were compared."""
    tables: Count
    """How many tables were counted."""
    moving: tuple[str, ...] = ()
    """Tables that also changed while nothing was called."""
    unread: dict[str, str] = Field({})
    """Table that is needed and was not compared -> the reason."""
    changes: tuple[TableChange, ...] = ()


class ExamModeFlag(Record):
    """Exam mode as a statement or a command of the configuration tells it, and not a worker."""

    whose: str
    """Who tells it, for instance the database's flag."""
    on: bool | None
    """None if it could not be read; `detail` says why."""
    detail: str = ""


class ExamModeEvidence(Record):
    """What the rehearsal did to exam mode before phase 1."""

    was_on: bool
    """Whether every reading said that it was on before."""
    by: str | None = None
    """The key of the configuration by which it was switched on; None if it was not."""
    not_switched: str = ""
    """Why it was not switched on, if it was not on before."""
    seconds: float | None = Field(None, ge=0)
    """How long it took until every reading said that it was on; None if one still said otherwise, or if it was not
    switched."""


class FreezeEvidence(Record):
    """What phase 1 measured: readings of exam mode, and what came of protected operations, allowed operations and
    jobs."""

    exam_mode_readings: tuple[bool | None, ...]
    """Two readings of exam mode for each new connection."""
    exam_mode_environment: dict[str, str | None]
    """Worker -> its environment variable for exam mode."""
    workers_seen: tuple[str, ...]
    protected: tuple[Probe, ...]
    """The protected operations that could be tried."""
    allowed: tuple[Probe, ...]
    """The allowed operations that could be tried."""
    jobs: tuple[Probe, ...]
    """The jobs that could be tried."""
    background_processes: tuple[str, ...] | None
    """Schedulers that run; None if processes could not be listed."""
    endpoints: tuple[Probe, ...]
    connections: Count = 0
    """How many new connections were made for readings."""
    exam_mode_by_worker: dict[str, bool | None] = Field({})
    """Worker that readings name -> its worst reading."""
    unreadable: tuple[str, ...] = ()
    """What came back instead of a reading."""
    workers_known: tuple[str, ...] = ()
    """The workers that the runtime knows."""
    untried: tuple[UntriedAct, ...] = ()
    not_called: str | None = None
    """Why no protected operation and no job was called; None if they were."""
    protected_calls: tuple[ProtectedCalls, ...] = ()
    effects: FreezeEffects | None = None
    """None if the tables were not compared."""
    table_snapshot: TableSnapshot | None = None
    """The tables in which late effects would show; None if the tables were not compared."""
    endpoints_untried: str | None = None
    """Why no candidate could try the endpoints."""
    effects_unmeasured: str = "this evidence does not say whether tables changed"
    """Why there are no `effects`."""
    environment_unread: str = "this evidence does not say why"
    """Why no environment variable was read."""
    background_unlisted: str = "this evidence does not say why"
    """Why processes could not be listed."""
    exam_mode_flag: ExamModeFlag | None = None
    """None if no statement or command tells exam mode."""

    @property
    def exam_mode_is_on(self) -> bool:
        """Whether every reading and the flag say that exam mode is on."""
        flag = () if self.exam_mode_flag is None else (self.exam_mode_flag.on,)
        modes = (*self.exam_mode_readings, *flag)
        return bool(modes) and all(on is True for on in modes)


EXAM_OPERATIONS = ("create", "answer", "submit")
"""The writes of an exam. Source document 000, phase 2 has one test for each."""
NOT_REACHED = "not reached"
"""The words for an operation that a drill did not try, because an operation before it was not accepted."""
WATCHED_OPERATIONS = ("health", "ready", *EXAM_OPERATIONS)
"""The operations whose recovery every drill watches: the list "Services Restored" of source document 000, phase 7."""


class ExamSchedule(Record):
    """The times of the exam of a load, in seconds since the epoch."""

    begins: Moment
    last_part_begins: Moment
    """When the last part began, in which all candidates submit."""
    deadline: Moment

    @model_validator(mode="before")
    @classmethod
    def _by_present_names(cls, fields: Any) -> Any:
        return by_present_names(fields, {"steady_until": "last_part_begins"})


class ExamModeAgain(Record):
    """Exam mode that was read once more, and protected operations that were called once more."""

    probes: tuple[Probe, ...] = ()
    reported_by: str | None = None
    """Names what has already reported that exam mode or a protected operation did not hold; then nothing is tried
    again."""

    @model_validator(mode="before")
    @classmethod
    def _by_present_names(cls, fields: Any) -> Any:
        return by_present_names(fields, {"told_by": "reported_by"})


class LoadEvidence(Record):
    """Phase 2: a load of candidates who sit a whole exam. A field that is None or empty is missing in the evidence."""

    profile: str
    test_type: str
    candidates: Count
    started: Moment
    ended: Moment
    operations: FiguresByOperation
    overall: OperationFigures
    steady: FiguresByOperation
    """The figures of each operation after the ramp."""
    windows: Annotated[tuple[Window, ...], unique_by("started")]
    writes: WriteCounts
    simultaneous_submits: Count
    generator: GeneratorFigures
    pool: DatabasePoolFigures
    redis_connection_failures: Count | None
    redis_reconnects: Count | None
    ready_degraded: Count
    fates: Annotated[tuple[ActorFate, ...], unique_by("actor")]
    harmed: tuple[HarmedActor, ...]
    ledgers: tuple[str, ...]
    """Files of the run directory, one for every process."""
    samples: tuple[str, ...]
    """Files of the run directory, one for every process."""
    engine: str = "candidates"
    shape: Shape = "exam"
    schedule: ExamSchedule | None = None
    parts: Annotated[tuple[LoadPart, ...], unique_by("name")] = ()
    """The parts of the exam: `arrivals`, `answering` and `deadline`, which are the three loads of source document 001
    one after the other. A request belongs to the part in which it was sent. Parts that the shape leaves out are
    missing."""
    planned: dict[str, Count] | None = None
    """Operation -> its planned writes."""
    arrivals: Arrivals | None = None
    ready_readings: Count | None = None
    ready_silent: Count = 0
    memory: MemoryFigures | None = None
    """What the platform's own metric tells."""
    process_memory: MemoryFigures | None = None
    """What the runtime tells of the workers' processes; None unless the load was watched."""
    open_files: OpenFiles | None = None
    """What the runtime tells of the workers' open files; None if it tells nothing, or unless the load was watched."""
    histograms: Annotated[tuple[Histogram, ...], unique_by("operation", "kind", "span")] = ()
    machine: MachineUse | None = None
    """Who used the processors of the machine; None unless the platform is the embedded one."""
    slowest: Annotated[tuple[ActorWait, ...], unique_by("actor")] | None = None
    """The candidates with the longest median wait after the ramp, of those with enough requests."""
    exam_mode: ExamModeAgain | None = None
    """Exam mode and the protected operations after the load."""
    exam_mode_meanwhile: ExamModeAgain | None = None
    """Exam mode in the middle of the load, and the protected operations, each called once with each of its bodies."""
    failing_places: dict[str, dict[str, ErrorCount]] = Field({})
    """Operation that failed too often -> log of a worker -> the requests that this worker served."""

    @model_validator(mode="before")
    @classmethod
    def _by_present_names(cls, fields: Any) -> Any:
        return by_present_names(fields, {"sections": "parts"})

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        require_order(self.started, self.ended, "the load")
        return self

    @property
    def nothing_measured(self) -> str | None:
        """Why this load proves nothing: it sent no request, or no candidate could log in. None if it sent one."""
        if self.overall.requests:
            return None
        outside = next((fate for fate in self.fates if fate.password_doubted), None)
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
    """The trial of one rule."""

    rule: str
    held: bool | None
    """Whether the platform kept the rule; None if it could not be tried."""
    detail: str
    """What was seen."""

    @model_validator(mode="before")
    @classmethod
    def _by_present_names(cls, fields: Any) -> Any:
        return by_present_names(fields, {"behaviour": "rule", "kept": "held"})


class ExperienceEvidence(Record):
    """Phase 5: what a candidate experiences, one probe for each step, and the rules that were tried."""

    probes: tuple[Probe, ...]
    untried: dict[str, str] = Field(default_factory=dict)
    """Probe that could not be made -> the reason."""
    trials: tuple[Trial, ...] = ()
    not_promised: dict[str, str] = Field(default_factory=dict)
    """Line that the platform does not promise -> the reason."""


class ObservabilityEvidence(Record):
    """Phase 6: what the platform's own logs and metrics say of the rehearsal until then."""

    log_files: tuple[str, ...]
    log_lines: Count
    unreadable_lines: Count
    unreadable_line: str | None = Field(
        None, description="the first line that is not as the log format says, or has no time that can be read; cut"
    )
    fields_not_logged: tuple[str, ...] = Field(
        (), description="fields of requests that an audit needs and that no log format has: request_id, total_ms"
    )
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
    lines_compared: Count | None = Field(
        None, description="log lines of the traced requests; several for a request that several logs hold"
    )
    trace_sampled: Count
    trace_missing: tuple[str, ...]
    trace_example: dict[str, str | None]
    incomplete_records: Count
    client_failures: Count
    failures_logged: Count
    failures_silent: tuple[str, ...]
    log_begins: Moment | None = Field(None, description="the earliest time of the log that begins last")
    log_beginning: str | None = Field(None, description="the line of that time, cut")
    trace_before_log: Count = Field(
        0, description="requests that were not found and ended before the log begins or up to 1 s after it"
    )
    failures_before_log: Count = Field(0, description="failures of which the same is true")
    log_that_begins: str | None = Field(None, description="of several logs the one that begins last")
    log_ends: Moment | None = Field(None, description="the latest time of all log lines that were read")
    trace_after_log: Count = Field(
        0,
        description="requests that were not found and ended after the log, or up to 1 s before its end; none if the "
        "log was written to its end",
    )
    failures_after_log: Count = Field(0, description="failures of which the same is true")
    log_complete_after: Seconds | None = Field(
        None, description="so long after the last request all lines had been written; none if some are missing"
    )
    ids_in_log: str | None = Field(None, description="a request id that the log has from the time of the load")
    ids_of_load: Count = Field(0, description="lines of requests from that time that have a request id")
    ids_shared: str | None = Field(None, description="that one id stands for many requests, in words")
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
    exam_mode: ExamModeAgain | None = Field(
        None, description="exam mode and the protected operations some time after the last restart"
    )

    @model_validator(mode="after")
    def _adds_up(self) -> Self:
        require_no_more(self.requests_disturbed, self.requests_logged, "more requests disturbed than logged")
        require_no_more(self.traced, self.trace_sampled, "more requests traced than sampled")
        untraced, silent = self.trace_sampled - self.traced, self.client_failures - self.failures_logged
        require_no_more(self.failures_logged, self.client_failures, "more failures logged than clients saw")
        outside = "more {} outside the time of the log than were not found"
        require_no_more(self.trace_before_log + self.trace_after_log, untraced, outside.format("requests"))
        require_no_more(self.failures_before_log + self.failures_after_log, silent, outside.format("failures"))
        require_ascending((self.p50_ms, self.p95_ms, self.p99_ms), "logged durations")
        return self


class DataSummary(Record):
    """The summary statistics of the report template (source document 000, phase 4)."""

    sessions: Count
    submitted_sessions: Count
    answers: Count
    events: Count | None = None
    sessions_with_submit_event: Count | None = None


class StoredEnds(Record):
    """The ends of the exams of the load: shown to the candidates, and stored."""

    compared: Count
    different: Count
    """How many exams are stored with another end than the candidates were shown."""
    first: str | None = None
    """The first of these, in words."""


class IntegrityEvidence(Record):
    """Phase 4, and again after the recovery drill. Without access to the database there are no checks and no
    summary."""

    checks: Annotated[tuple[SqlCheck, ...], unique_by("name")]
    summary: DataSummary | None
    reconciliation: Reconciliation
    checks_unmeasured: str | None = None
    """Why there are no checks."""
    has_event_history: bool = True
    """Whether the schema describes an event history."""
    ends: StoredEnds | None = None
    """None if no page of the load showed an end, or if no stored end could be compared."""

    @model_validator(mode="before")
    @classmethod
    def _by_present_names(cls, fields: Any) -> Any:
        return by_present_names(fields, {"own_log": "has_event_history"})

    def check(self, name: str) -> SqlCheck:
        """The SQL check of this name; raises Unmeasurable if it was not run."""
        if self.checks_unmeasured is not None:
            raise Unmeasurable(self.checks_unmeasured)
        for check in self.checks:
            if check.name == name:
                return check
        raise Unmeasurable(f"the SQL check {name} was not run")
