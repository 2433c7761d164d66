"""Evidence of a rehearsal in which everything went well; a test changes the one thing that it is about.

Every builder takes the fields of its record as keyword overrides.
"""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any, NamedTuple

from pytest_examday.config.thresholds import Thresholds
from pytest_examday.core.gate import GateResult
from pytest_examday.core.line import LineResult
from pytest_examday.core.measured import Measured
from pytest_examday.evidence.drill_evidence import READ_BACK, DrillEvidence, FaultReading, Recovery
from pytest_examday.evidence.envelope import Evidence
from pytest_examday.evidence.figures import (
    ActorFate,
    ActorWait,
    Arrivals,
    DatabasePoolFigures,
    DrillStage,
    GeneratorFigures,
    HarmedActor,
    LoadPart,
    MemoryFigures,
    OpenFiles,
    OperationFigures,
    Window,
    WriteCounts,
)
from pytest_examday.evidence.preflight_evidence import PreflightEvidence
from pytest_examday.evidence.probe import Probe
from pytest_examday.evidence.reconciliation import Reconciliation, SqlCheck
from pytest_examday.load.samples import Sample
from pytest_examday.record import Record
from pytest_examday.suites.exam.drills.all_drills import DRILLS as CATALOGUE
from pytest_examday.suites.exam.evidence import (
    DataSummary,
    ExamModeAgain,
    ExamModeEvidence,
    ExamSchedule,
    ExperienceEvidence,
    FreezeEffects,
    FreezeEvidence,
    FreezeKind,
    IntegrityEvidence,
    LoadEvidence,
    ObservabilityEvidence,
    ProtectedCalls,
    TableChange,
    Trial,
    UntriedAct,
)
from pytest_examday.suites.exam.lines.integrity import CHECKS
from pytest_examday.suites.exam.probe_names import AS_BEFORE, NOT_READY_WITHOUT_IT, RULES_PROBES, STAYS_DURING
from pytest_examday.suites.exam.rules.all_rules import RULES
from pytest_examday.suites.exam.suite import SUITE

EPOCH = 1_767_225_600.0
"""1 January 2026: when the rehearsals of these tests began, seconds since the epoch."""
DRILLS = ("drill_redis_outage", "drill_worker_loss", "drill_postgres_crash", "drill_backend_restart")
"""The activities of the drills of every rehearsal."""
OPTIONAL_DRILLS = tuple(drill for drill in CATALOGUE if not drill.always)
"""The drills that run only if the profile names them."""
FURTHER_DRILLS = tuple(drill.activity for drill in OPTIONAL_DRILLS)
"""Those of the drills that a profile may add."""
_DURING = ("login during", "refresh during", "create during", "answer during", "submit during")
_PROBES = {
    "drill_redis_outage": (
        *_DURING,
        "rate limit before",
        "rate limit during",
        "rate limit after",
        NOT_READY_WITHOUT_IT,
        *STAYS_DURING,
    ),
    "drill_worker_loss": ("others serve", "retry", *AS_BEFORE),
    "drill_backend_restart": RULES_PROBES,
}
"""What each drill of every rehearsal tries; the others try a whole exam, and finish one that was begun before."""


def figures(
    operation: str = "all", requests: int = 100, p95_ms: float | None = 20.0, **fields: Any
) -> OperationFigures:
    """So many requests, all of them good but for the `limited` ones and the `errors`, which are those of a server."""
    limited, errors = fields.get("limited", 0), fields.get("errors", 0)
    ends = {"ok": requests - limited - errors, "limited": limited, "server_error": errors}
    slow, slow_response = p95_ms or 20.0, fields.get("response_p95_ms") or 25.0
    values: dict[str, Any] = {
        "succeeded": ends["ok"],
        "errors": errors,
        "limited": limited,
        "by_outcome": {outcome: count for outcome, count in ends.items() if count},
        "p50_ms": min(10.0, slow),
        "p99_ms": max(30.0, slow),
        "max_ms": max(40.0, slow),
        "responses": requests,
        "response_p50_ms": min(12.0, slow_response),
        "response_p95_ms": 25.0,
        "response_p99_ms": max(35.0, slow_response),
        "response_max_ms": max(45.0, slow_response),
    }
    return OperationFigures(operation=operation, requests=requests, p95_ms=p95_ms, **{**values, **fields})


def exam_figures(*others: OperationFigures) -> tuple[OperationFigures, ...]:
    """The three operations of an exam, all of them good, but for those given, which take their place or come after."""
    made = {
        one.operation: one for one in (figures("create", 40), figures("answer", 300), figures("submit", 40), *others)
    }
    return tuple(made.values())


def failing(requests: int, errors: int, outcome: str = "server_error", operation: str = "all") -> OperationFigures:
    """So many requests, some of which ended in that outcome."""
    good = requests - errors
    return figures(operation, requests, succeeded=good, errors=errors, by_outcome={"ok": good, outcome: errors})


def window(
    number: int = 0, p95_ms: float | None = 20.0, *, ramp: bool = False, requests: int = 50, **fields: Any
) -> Window:
    """Two seconds of the load, in which all writes were begun that were due."""
    begin = EPOCH + 2 * number
    values: dict[str, Any] = {"planned": 40, "begun": 40, "figures": figures("all", requests, p95_ms)}
    return Window(started=begin, ended=begin + 2, ramp=ramp, **{**values, **fields})


def windows(*p95_ms: float | None, first: int = 0) -> tuple[Window, ...]:
    """One window after the ramp for each 95th percentile, from the window with the number `first` on."""
    return tuple(window(number, value) for number, value in enumerate(p95_ms, first))


def sample(operation: str = "answer", at: float = 0.0, ms: float = 5.0, **fields: Any) -> Sample:
    """One good request, sent `at` seconds after the beginning."""
    values: dict[str, Any] = {"actor": "ada", "status": 200, "outcome": "ok", "request_id": "ed-1"}
    return Sample(operation=operation, started=EPOCH + at, ms=ms, **{**values, **fields})


def fate(candidate: str = "ada", **fields: Any) -> ActorFate:
    """A candidate who submitted after short waits."""
    values: dict[str, Any] = {
        "subject": f"session-{candidate}",
        "finished": True,
        "finished_at": EPOCH + 18,
        "worst_wait_ms": 30.0,
        "worst_wait_operation": "login",
        "story": "sat the exam and submitted",
        "compared": {"answer": 8, "review": 1},
    }
    return ActorFate(actor=candidate, **{**values, **fields})


def waiter(candidate: str = "ada", seconds: float = 42.0) -> ActorFate:
    """A candidate who submitted, and waited for long before."""
    return fate(candidate, worst_wait_ms=seconds * 1000, worst_wait_operation="submit")


def harm(candidate: str = "ada", kind: str = "waited-too-long", activity: str = "load") -> HarmedActor:
    """Somebody who was harmed."""
    return HarmedActor.model_validate(
        {"actor": candidate, "harm": kind, "story": "waited 12.0 s on submit", "activity": activity}
    )


def generator(**fields: Any) -> GeneratorFigures:
    """A generator that delivered all that was planned, without effort."""
    values: dict[str, Any] = {
        "planned_actors": 10,
        "started_actors": 10,
        "finished_actors": 10,
        "planned_actions": 200,
        "delivered_actions": 200,
        "lag_p95_ms": 1.5,
        "lag_max_ms": 6.0,
        "cpu_share": 0.1,
        "cpu_peak_share": 0.3,
    }
    return GeneratorFigures(**{**values, **fields})


def memory(**fields: Any) -> MemoryFigures:
    """Workers that hardly grow."""
    values: dict[str, Any] = {
        "samples": 20,
        "source": "the platform's metric examday_worker_memory_bytes",
        "middle": 80.0 * 2**20,
        "last": 84.0 * 2**20,
        "peak": 85.0 * 2**20,
    }
    return MemoryFigures(**{**values, **fields})


def pool(**fields: Any) -> DatabasePoolFigures:
    """A pool of which less than half was ever used."""
    values: dict[str, Any] = {
        "samples": 20,
        "pool_size": 16,
        "max_overflow": 4,
        "peak_in_use": 4.0,
        "limit_per_worker": 10.0,
        "peak_usage": 0.4,
        "sustained_usage": 0.2,
        "average_usage": 0.1,
        "peak_connections": 16,
        "exhausted": False,
        "source": "the platform's metrics and pg_stat_activity",
    }
    return DatabasePoolFigures(**{**values, **fields})


def actor_wait(actor: str = "bob", p50_ms: float = 14.0) -> ActorWait:
    """How long one candidate waited for most requests."""
    return ActorWait(actor=actor, requests=20, p50_ms=p50_ms)


def load(**fields: Any) -> LoadEvidence:
    """A load that was delivered and went well; its writes are those of its windows."""
    spans = fields.get("windows", (window(0, ramp=True), *(window(number) for number in range(1, 9))))
    writes = sum(span.begun or 0 for span in spans)
    values: dict[str, Any] = {
        "profile": "smoke",
        "test_type": "the whole exam",
        "candidates": 10,
        "started": EPOCH,
        "ended": EPOCH + 20,
        "schedule": ExamSchedule(begins=EPOCH, last_part_begins=EPOCH + 16, deadline=EPOCH + 20),
        "operations": exam_figures(),
        "overall": figures("all", 400),
        "steady": exam_figures(),
        "parts": tuple(part(name, figures("all", 130)) for name in ("arrivals", "answering", "deadline")),
        "planned": {"create": 40, "answer": 300, "submit": 40},
        "arrivals": Arrivals(planned=10, actual=10, late_p95_ms=2.0, late_max_ms=5.0),
        "windows": spans,
        "writes": WriteCounts(attempted=writes, acknowledged=writes, refused=0, unknown=0),
        "simultaneous_submits": 3,
        "generator": generator(),
        "pool": pool(),
        "redis_connection_failures": 0,
        "redis_reconnects": 0,
        "ready_degraded": 0,
        "ready_readings": 20,
        "memory": memory(),
        "open_files": OpenFiles(samples=20, middle=24.0, last=25.0),
        "slowest": (actor_wait(),),
        "fates": (fate("ada"), fate("bob")),
        "harmed": (),
        "ledgers": ("ledger/load.ledger.jsonl",),
        "samples": ("ledger/load.samples.jsonl",),
        "exam_mode": again(),
        "exam_mode_meanwhile": again(),
    }
    return LoadEvidence(**{**values, **fields})


def probe(name: str = "answer during", passed: bool | None = True, detail: str = "HTTP 200", **fields: Any) -> Probe:
    """Something that was tried."""
    return Probe(name=name, passed=passed, detail=detail, **fields)


def probes(*names: str) -> tuple[Probe, ...]:
    """Things that were tried and that worked."""
    return tuple(probe(name) for name in names)


def preflight(**fields: Any) -> PreflightEvidence:
    """A platform that answers."""
    values: dict[str, Any] = {
        "api_url": "http://exam.example",
        "ready": {"http": "200"},
        "database": "PostgreSQL 18",
        "cache": "Redis 8",
        "runtime": "embedded",
        "services": (),
        "reached_seconds": 0.1,
    }
    return PreflightEvidence(**{**values, **fields})


def experience(*others: Probe | Trial) -> ExperienceEvidence:
    """An exam that refresh and logout leave alone and whose rules all hold, and what else was tried; a probe or trial
    takes the place of the good one of the same name."""
    made = {one.name: one for one in (*probes("resume", "refresh", "logout"), *others) if isinstance(one, Probe)}
    good = [trial(rule.key) for rule in RULES]
    trials = {one.rule: one for one in (*good, *others) if isinstance(one, Trial)}
    return ExperienceEvidence(probes=tuple(made.values()), trials=tuple(trials.values()))


def trial(rule: str, held: bool | None = True) -> Trial:
    """A trial of a rule."""
    return Trial(rule=rule, held=held, detail="as it was seen")


def effects(*changes: TableChange, **fields: Any) -> FreezeEffects:
    """Tables that stood still, but for these."""
    return FreezeEffects(**{"compared": 4, "tables": 18, "changes": changes, **fields})


def table_change(**fields: Any) -> TableChange:
    """A protected operation that is refused and writes into a table of its own, each time."""
    values: dict[str, Any] = {
        "kind": "protected",
        "name": "rank runs",
        "table": "user_ranks",
        "calls": 1,
        "written": 1,
        "gone": 0,
        "named": True,
        "repeated": True,
    }
    return TableChange(**{**values, **fields})


def untried(kind: FreezeKind, name: str, reason: str = "HTTP 503") -> UntriedAct:
    """An operation or job that could not be tried."""
    return UntriedAct(kind=kind, name=name, reason=reason)


def switch(**fields: Any) -> ExamModeEvidence:
    """Exam mode was off, and the rehearsal switched it on."""
    return ExamModeEvidence(**{"was_on": False, "by": "exam_mode.on.sql", "seconds": 1.5, **fields})


def freeze(**fields: Any) -> FreezeEvidence:
    """Exam mode on, everything guarded, everything that must go on going on."""
    values: dict[str, Any] = {
        "exam_mode_readings": (True, True),
        "exam_mode_environment": {"worker-1": "true"},
        "workers_seen": ("worker-1",),
        "protected": (probe("rank runs", detail="HTTP 403"), probe("bulk question import", detail="HTTP 403")),
        "allowed": (probe("bulk question import, dry run"),),
        "jobs": (probe("revision_queue_regen", detail="exit status 0"),),
        "background_processes": (),
        "endpoints": probes("health", "ready", "create", "answer", "submit", "review"),
        "connections": 11,
        "exam_mode_by_worker": {"worker-1": True},
        "workers_known": ("worker-1",),
        "protected_calls": (
            ProtectedCalls(name="rank runs", calls=1, workers=("worker-1",)),
            ProtectedCalls(name="bulk question import", calls=1, workers=("worker-1",)),
        ),
        "effects": effects(),
    }
    return FreezeEvidence(**{**values, **fields})


def stage(name: str = "during", overall: OperationFigures | None = None, **fields: Any) -> DrillStage:
    """A stage of a drill."""
    return DrillStage(name=name, overall=overall or figures("all", 50), **{**_span(fields), **fields})


def part(name: str = "deadline", overall: OperationFigures | None = None, **fields: Any) -> LoadPart:
    """A part of a load."""
    return LoadPart(name=name, overall=overall or figures("all", 50), **{**_span(fields), **fields})


def _span(fields: Mapping[str, Any]) -> dict[str, Any]:
    started = fields.get("started", EPOCH)
    return {"started": started, "ended": started + 5, "operations": (figures("answer", 50),)}


def reconciliation(acknowledged: int = 100, **fields: Any) -> Reconciliation:
    """Every acknowledged answer kept, but for those that the fields name."""
    values: dict[str, Any] = {
        "ledgers": ("load.ledger.jsonl",),
        "subjects": 10,
        "acknowledged": acknowledged,
        "kept": acknowledged - sum(fields.get(fate, 0) for fate in ("lost", "stale", "uncompared")),
        "lost": 0,
        "stale": 0,
        "unknown_kept": 0,
        "unknown_absent": 0,
        "never_sent": 0,
        "vanished": 0,
        "wrong_scores": 0,
        "accepted_after_submit": 0,
        "owner_changed": 0,
        "unsubmitted": 0,
        "scores_compared": 10,
        "differences": (),
    }
    return Reconciliation(**{**values, **fields})


def recovery(name: str, seconds: float | None = 0.5, detail: str = "HTTP 200", *, too_slow: bool = False) -> Recovery:
    """Something that answered again, or (None) did not within the 60 s for which it was watched."""
    return Recovery(
        name=name,
        seconds=seconds,
        detail=detail,
        watched_seconds=max(60.0, seconds or 0.0),
        too_slow=too_slow,
        last_failure="" if seconds is not None else detail,
    )


def recoveries(*others: Recovery) -> tuple[Recovery, ...]:
    """Everything that is watched answered again, but for those given, which take their place or come after."""
    good = [recovery(name) for name in ("health", "ready", "create", "answer", "submit", "worker-1")]
    return tuple({one.name: one for one in (*good, *others)}.values())


def reading(
    observer: str = "redis_url", present: bool | None = True, detail: str = "connection refused"
) -> FaultReading:
    """One observation of a fault that was in."""
    return FaultReading(observer=observer, seconds=1.0, present=present, detail=detail)


def readings(*others: FaultReading) -> tuple[FaultReading, ...]:
    """A fault that was read back and whose effect was observed, and further readings."""
    return (reading(READ_BACK, detail="not running: redis"), reading(), *others)


def drill(name: str = "drill_redis_outage", **fields: Any) -> DrillEvidence:
    """A fault that candidates did not notice and that is gone."""
    values: dict[str, Any] = {
        "scenario": f"{name} for 5 seconds",
        "target": "redis",
        "cuts_connections": name != "drill_redis_outage",
        "injected": EPOCH,
        "removal_began": EPOCH + 5,
        "held_seconds": 5.0,
        "planned_seconds": 5.0,
        "readings": readings(),
        "restart_seconds": 0.5,
        "before": stage("before"),
        "during": stage("during"),
        "after": stage("after"),
        "probes": probes(
            *_PROBES.get(
                name, (*_DURING, NOT_READY_WITHOUT_IT, *AS_BEFORE, *RULES_PROBES, "resume after", "submit after")
            )
        ),
        "warnings_logged": 3,
        "warning_sample": '{"event": "redis_unavailable"}',
        "recoveries": recoveries(),
        "fault_gone": True,
        "fault_gone_detail": "redis is running",
        "writes": WriteCounts(attempted=50, acknowledged=50, refused=0, unknown=0),
        "reconciliation": reconciliation(),
        "fates": (fate("cyd"),),
        "harmed": (),
        "ledgers": (f"ledger/{name}.ledger.jsonl",),
        "samples": (f"ledger/{name}.samples.jsonl",),
    }
    return DrillEvidence(drill=name, **{**values, **fields})


def sql_check(name: str = "orphaned_answers", count: int = 0) -> SqlCheck:
    """What one SQL check found."""
    title = name.replace("_", " ").title()
    return SqlCheck(name=name, title=title, file=f"sql/{name}.sql", count=count, sample=(), seconds=0.01)


def integrity(offending: dict[str, int] | None = None, /, **fields: Any) -> IntegrityEvidence:
    """Clean checks but for those named in `offending`, and a ledger that was kept; other fields go to the
    reconciliation."""
    counts = offending or {}
    sessions = fields.pop("stored_sessions", 10)
    return IntegrityEvidence(
        checks=tuple(sql_check(name, counts.get(name, 0)) for name in CHECKS),
        summary=DataSummary(
            sessions=sessions, submitted_sessions=10, answers=100, events=120, sessions_with_submit_event=10
        ),
        reconciliation=reconciliation(**fields),
    )


def again() -> ExamModeAgain:
    """Exam mode that is still on, and protected operations that still refuse."""
    details = {"exam mode after": "on in 8 readings", "protected operations after": "6 protected operations refused"}
    return ExamModeAgain(probes=tuple(probe(name, detail=detail) for name, detail in details.items()))


def observability(**fields: Any) -> ObservabilityEvidence:
    """Logs in which everything was found."""
    values: dict[str, Any] = {
        "log_files": ("worker-1.log",),
        "log_lines": 900,
        "unreadable_lines": 0,
        "requests_logged": 800,
        "p50_ms": 4.0,
        "p95_ms": 12.0,
        "p99_ms": max(26.0, fields.get("p95_ms") or 0.0),
        "slow_queries": 0,
        "very_slow_queries": 0,
        "total_errors": 4,
        "server_errors": 0,
        "error_rate": 0.0,
        "pool": pool(),
        "redis_reconnects": 0,
        "traced": 200,
        "trace_sampled": 200,
        "trace_missing": (),
        "trace_example": {},
        "contradictions": {},
        "incomplete_records": 0,
        "client_failures": 4,
        "failures_logged": 4,
        "failures_silent": (),
        "provoked": (probe("no token", detail="HTTP 401"),),
        "exam_mode": again(),
    }
    return ObservabilityEvidence(**{**values, **fields})


def good_run(*further: str) -> dict[str, Record]:
    """The records on which all lines and gates pass, by activity; `further` are activities of drills
    that the profile adds."""
    made: dict[str, Record] = {
        "preflight": preflight(),
        "exam_mode": switch(),
        "freeze": freeze(),
        "load": load(),
        **{name: drill(name) for name in (*DRILLS, *further)},
        "integrity": integrity(),
        "experience": experience(),
        "observability": observability(),
        "integrity_after": integrity(),
    }
    return {activity.name: made[activity.name] for activity in SUITE.activities if activity.name in made}


def measured(activity: str, record: Record) -> Evidence[Record]:
    """The record as an activity leaves it."""
    moment = datetime.fromtimestamp(EPOCH, UTC)
    ended = moment + timedelta(hours=1)
    return Evidence[Record](activity=activity, started=moment, ended=ended, record=record, unmeasured=None)


def unmeasured(activity: str, reason: str = "no platform") -> Evidence[Record]:
    """What an activity leaves that could not measure."""
    moment = datetime.fromtimestamp(EPOCH, UTC)
    return Evidence[Record](activity=activity, started=moment, ended=moment, record=None, unmeasured=reason)


def run_of(thresholds: Thresholds | None = None, /, **records: Record | None) -> Measured:
    """A good run before the judges, with these records in place of its own; None: that one was not measured. A drill
    that the profile adds is part of the run if it is named here."""
    run: dict[str, Record | None] = {**good_run(), **records}

    def evidence(activity: str) -> Evidence[Record]:
        record = run.get(activity)
        return unmeasured(activity) if record is None else measured(activity, record)

    drills = tuple(drill.activity for drill in SUITE.drills if drill.activity in run)
    return Measured(evidence, thresholds or Thresholds(), drills)


def line(key: str, thresholds: Thresholds | None = None, /, **records: Record | None) -> LineResult:
    """What the line says of a good run in which these records are others."""
    return SUITE.line_by_key[key].result(run_of(thresholds, **records))


class Judged(NamedTuple):
    """What became of a run."""

    lines: dict[str, LineResult]
    gates: dict[str, GateResult]


def judged(thresholds: Thresholds | None = None, /, **records: Record | None) -> Judged:
    """What every line and every gate says of a good run in which these records are others."""
    run = run_of(thresholds, **records)
    made = {one.key: one.result(run) for one in SUITE.lines_in({**good_run(), **records})}
    gates = {name: SUITE.gate_result(one, made.values(), run) for name, one in SUITE.gate_by_name.items()}
    return Judged(made, gates)


def gate(name: str, thresholds: Thresholds | None = None, /, **records: Record | None) -> GateResult:
    """What the gate says of a good run in which these records are others."""
    run, asked = run_of(thresholds, **records), SUITE.gate_by_name[name]
    return SUITE.gate_result(asked, (one.result(run) for one in SUITE.lines_of(asked, {**good_run(), **records})), run)
