"""The rehearsal of `samples` gone wrong: evidence on which every line fails that can fail."""

from typing import TypeVar

from pytest_examday.evidence.drill_evidence import DrillEvidence
from pytest_examday.evidence.figures import ActorFate, DrillStage, ErrorCount, HarmedActor, OpenFiles, OperationFigures
from pytest_examday.evidence.preflight_evidence import PreflightEvidence
from pytest_examday.evidence.probe import Probe
from pytest_examday.evidence.reconciliation import SqlCheck
from pytest_examday.record import Record
from pytest_examday.suites.exam.evidence import (
    ExamModeAgain,
    ExperienceEvidence,
    FreezeEvidence,
    IntegrityEvidence,
    LoadEvidence,
    ObservabilityEvidence,
)
from pytest_examday.suites.exam.suite import SUITE as EXAM
from tests import builders
from tests.report import samples

_SLOW_MS = 900.0
_Kind = TypeVar("_Kind", bound=Record)


def everything() -> samples.Everything:
    """Evidence of every activity of the suite, all of it bad."""
    records: dict[str, Record] = {
        "preflight": preflight(),
        "exam_mode": builders.switch(seconds=None),
        "freeze": freeze(),
        "load": load(),
        "integrity": integrity(),
        "experience": experience(),
        "observability": observability(),
        "integrity_after": integrity(),
        **{one.activity: drill(one.activity) for one in EXAM.drills},
    }
    return {name: samples.evidence_of(name, record) for name, record in records.items()}


def preflight() -> PreflightEvidence:
    """Neither database nor Redis was reached."""
    return _changed(samples.preflight(), database="not reached: refused", cache="not reached: refused")


def freeze() -> FreezeEvidence:
    """Exam mode off, a scheduler at work, nothing refused, nothing allowed, no operation that works."""
    good = samples.freeze()
    return _changed(
        good,
        exam_mode_readings=(True, False),
        workers_known=("backend-1", "backend-2"),
        effects=builders.effects(builders.table_change()),
        exam_mode_environment={"worker-1": "false"},
        protected=_failed(good.protected),
        allowed=_failed(good.allowed),
        jobs=_failed(good.jobs),
        background_processes=("cron -f",),
        endpoints=_failed(good.endpoints),
    )


def load() -> LoadEvidence:
    """Slow, full of errors, with a saturated generator and candidates who were stuck, late and kept waiting."""
    good = samples.load(p95=_SLOW_MS, peak_usage=1.0)
    operations = tuple(_half_failed(one) for one in good.operations)
    refused = builders.figures("read", 40, limited=8)
    *parts, deadline = good.parts
    worn = _changed(deadline, operations=(*deadline.operations, builders.failing(40, 5, operation="review")))
    first, *windows = good.windows
    lump = _changed(first, operations={"refresh": ErrorCount(judged=100, errors=9)})
    stuck = _changed(good.fates[0], finished=False, finished_at=None, story="submit was refused")
    late = _changed(good.fates[1], finished_at=(good.fates[1].finished_at or 0) + 60)
    stale = _changed(good.fates[3], shown_wrongly=("read, question q3: expected B, shown nothing",))
    generator = _changed(good.generator, finished_actors=30, lag_p95_ms=500.0)
    return _changed(
        good,
        operations=(*operations, _half_failed(samples.figures("login", 40)), refused),
        parts=(*parts, worn),
        windows=(lump, *windows),
        overall=_half_failed(good.overall),
        steady=(*operations, samples.figures("login", 40, p95=_SLOW_MS)),
        simultaneous_submits=0,
        redis_connection_failures=3,
        ready_degraded=3,
        memory=builders.memory(last=200 * 2.0**20),
        open_files=OpenFiles(samples=20, middle=40.0, last=400.0),
        fates=(stuck, late, _kept_waiting(good.fates[2]), stale, *good.fates[4:]),
        harmed=(_waited("load"),),
        generator=generator,
        slowest=(builders.actor_wait("cyd", 4000.0),),
    )


def drill(activity: str) -> DrillEvidence:
    """A fault that stayed in, was never recovered from, and cost answers; nothing worked meanwhile."""
    good = samples.drill(activity)
    stuck = _changed(good.fates[0], finished=False, finished_at=None, story="submit was refused")
    stale = _changed(good.fates[2], shown_wrongly=("read, question q3: expected B, shown nothing",))
    return _changed(
        good,
        stopped_because="30 of 30 requests failed",
        during=_stage_failed(good.during),
        after=_late(_stage_failed(good.after)),
        probes=_failed((*good.probes, Probe(name="something else", passed=True, detail="HTTP 200"))),
        warnings_logged=0,
        readings=(),
        recoveries=tuple(_changed(one, seconds=None, detail="HTTP 503") for one in good.recoveries),
        fault_gone=False,
        fault_gone_detail="redis is still away",
        reconciliation=samples.reconciliation(samples.lost(), acknowledged=200),
        fates=(stuck, _kept_waiting(good.fates[1]), stale, *good.fates[3:]),
        harmed=(_waited(activity),),
    )


def integrity() -> IntegrityEvidence:
    """Every SQL check finds a row, one that nobody claims too; the ledger finds losses and writes of nobody."""
    good = samples.integrity(samples.lost())
    ninth = SqlCheck(name="ninth", title="ninth", file="sql/ninth.sql", count=7, sample=(), seconds=0.01)
    found = _changed(good.reconciliation, event_missing=2, wrong_scores=2, never_sent=5, two_results=1)
    checks = (*(_changed(one, count=1) for one in good.checks), ninth)
    return _changed(good, checks=checks, reconciliation=found)


def experience() -> ExperienceEvidence:
    """Nothing works that candidates live through."""
    good = samples.experience()
    probes = (*good.probes, Probe(name="zoom", passed=True, detail="HTTP 200"))
    return _changed(good, probes=_failed(probes), trials=tuple(_changed(one, held=False) for one in good.trials))


def observability() -> ObservabilityEvidence:
    """Logs that are slow, full of errors and incomplete."""
    not_refused = builders.probe("protected operations after", False, "rank runs: HTTP 202")
    good = samples.observability().model_copy(update={"exam_mode": ExamModeAgain(probes=(not_refused,))})
    return _changed(
        good,
        p95_ms=_SLOW_MS,
        p99_ms=_SLOW_MS,
        very_slow_queries=700,
        server_errors=300,
        error_rate=0.2,
        pool=samples.pool(1.0),
        redis_reconnects=None,
        traced=100,
        trace_missing=("ed-7",),
        incomplete_records=3,
        secrets_logged=("a password in worker-1.log",),
        failures_logged=1,
        failures_silent=("ed-8 (HTTP 500)",),
        contradictions={"status": 4, "user": 2},
        contradicting=("ed-9 (answer of ada) got HTTP 200 and is HTTP 500 in worker-1.log",),
        provoked=_failed(good.provoked),
    )


def _changed(record: _Kind, **fields: object) -> _Kind:
    """The record with these fields changed; a field that it does not have is a mistake of the test."""
    assert fields.keys() <= type(record).model_fields.keys()
    return type(record).model_validate({**dict(record), **fields})


def _failed(probes: tuple[Probe, ...]) -> tuple[Probe, ...]:
    return tuple(_changed(one, passed=False, detail="HTTP 500", status=500) for one in probes)


def _half_failed(figures: OperationFigures) -> OperationFigures:
    errors = figures.requests // 2
    good = figures.requests - errors
    return _changed(figures, succeeded=good, errors=errors, by_outcome={"ok": good, "server_error": errors})


def _stage_failed(stage: DrillStage) -> DrillStage:
    return _changed(
        stage, overall=_half_failed(stage.overall), operations=tuple(_half_failed(one) for one in stage.operations)
    )


def _late(stage: DrillStage) -> DrillStage:
    return _changed(stage, operations=tuple(_changed(one, p95_ms=3007.0, p99_ms=3050.0) for one in stage.operations))


def _kept_waiting(fate: ActorFate) -> ActorFate:
    return _changed(fate, worst_wait_ms=91_000.0, worst_wait_operation="answer")


def _waited(activity: str) -> HarmedActor:
    return HarmedActor(
        actor=f"{activity}-03@exam.example", harm="waited-too-long", story="waited 31.0 s", activity=activity
    )
