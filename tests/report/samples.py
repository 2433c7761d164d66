"""A small frozen rehearsal: forty candidates under load, ten in each drill, and what may go wrong."""

import json
from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from pytest_examday.config.thresholds import Thresholds
from pytest_examday.core.gate import GateResult
from pytest_examday.core.measured import Measured
from pytest_examday.core.verdict import (
    Candidates,
    LineRecord,
    OutcomeOfTest,
    Verdict,
    decide,
    harmed,
)
from pytest_examday.evidence.drill_evidence import DrillEvidence
from pytest_examday.evidence.envelope import Evidence, unmeasured
from pytest_examday.evidence.figures import (
    ActorFate,
    Arrivals,
    DatabasePoolFigures,
    DrillStage,
    HarmedActor,
    LoadPart,
    OperationFigures,
    Window,
    WriteCounts,
)
from pytest_examday.evidence.origin import RunIdentity
from pytest_examday.evidence.preflight_evidence import PreflightEvidence
from pytest_examday.evidence.reconciliation import EVENT_HISTORY, Difference, Reconciliation
from pytest_examday.integrity.harmed_actors import harmed_by_differences
from pytest_examday.record import Record
from pytest_examday.report.view import View
from pytest_examday.run.identity import identity_of
from pytest_examday.run.manifest import checksums_of, evidence_files, write_manifest
from pytest_examday.run.redaction import Redactor
from pytest_examday.run.store import EvidenceStore
from pytest_examday.session.expected_gates import Expected
from pytest_examday.suites.exam.activities import EXAM_MODE
from pytest_examday.suites.exam.evidence import (
    ExamSchedule,
    ExperienceEvidence,
    FreezeEvidence,
    IntegrityEvidence,
    LoadEvidence,
    ObservabilityEvidence,
)
from pytest_examday.suites.exam.suite import SUITE as EXAM
from tests import builders

BEGAN = datetime(2026, 1, 15, 8, 30, tzinfo=UTC)
_T = BEGAN.timestamp()
_STARTS = {
    "load": _T + 10,
    "drill_redis_outage": _T + 60,
    "drill_worker_loss": _T + 90,
    "drill_backend_restart": _T + 120,
}
_SPANS = {
    "preflight": (0, 1),
    "exam_mode": (1, 0.5),
    "freeze": (2, 7),
    "load": (10, 26),
    "drill_redis_outage": (60, 20),
    "drill_worker_loss": (90, 20),
    "drill": (90, 20),
    "integrity": (111, 1),
    "experience": (112, 1),
    "observability": (113, 1),
    "drill_backend_restart": (120, 20),
    "integrity_after": (141, 1),
}
"""When each activity began, in seconds from `BEGAN`, and how long it took; `drill` is any other drill."""
_SCENARIOS = {
    "drill_redis_outage": "Redis stopped for 5 seconds",
    "drill_worker_loss": "one backend worker killed and restarted",
    "drill_backend_restart": "full backend restart",
}
Everything = dict[str, Evidence[Record]]


def figures(operation: str, requests: int, errors: int = 0, p95: float = 40.0) -> OperationFigures:
    """One operation; its errors are lost connections."""
    broken = {"transport": errors} if errors else {}
    return builders.figures(
        operation,
        requests,
        p95,
        succeeded=requests - errors,
        errors=errors,
        by_outcome={"ok": requests - errors, **broken},
        by_status={"2xx": requests - errors, **broken},
        p50_ms=p95 / 2,
        p99_ms=p95 * 1.5,
        max_ms=p95 * 2,
        response_p50_ms=p95 / 2 + 1,
        response_p95_ms=p95 + 1,
        response_p99_ms=p95 * 1.5 + 1,
        response_max_ms=p95 * 2 + 1,
    )


def fates(activity: str, count: int) -> tuple[ActorFate, ...]:
    """Candidates who all submitted."""
    names = [f"{activity}-{number:02}@exam.example" for number in range(count)]
    return tuple(builders.fate(name, finished_at=_STARTS[activity] + 22) for name in names)


def reconciliation(*differences: Difference, acknowledged: int = 400) -> Reconciliation:
    """A ledger of forty sessions; each difference counts under its kind."""
    kinds = Counter(difference.kind for difference in differences)
    return builders.reconciliation(
        subjects=40,
        acknowledged=acknowledged,
        kept=acknowledged - kinds["lost"] - kinds["stale"],
        lost=kinds["lost"],
        stale=kinds["stale"],
        scores_compared=40,
        differences=differences,
    )


def lost(candidate: str = "load-07@exam.example", story: str = "acknowledged B and nothing is stored") -> Difference:
    """An acknowledged answer that is not stored."""
    return Difference(
        kind="lost",
        actor=candidate,
        subject="load-session-07",
        key="question-3",
        acknowledged="B",
        stored=None,
        request_id="ed-1",
        story=story,
    )


def load(
    *,
    p95: float = 40.0,
    peak_usage: float | None = 0.3,
    unknown: int = 0,
    hurt: tuple[HarmedActor, ...] = (),
) -> LoadEvidence:
    """Twelve windows of two seconds, the first two of them the ramp."""
    began = _STARTS["load"]
    operations = (
        figures("answer", 400, p95=p95),
        figures("create", 40, p95=p95),
        figures("submit", 48, p95=p95),
    )
    return builders.load(
        candidates=40,
        started=began,
        ended=began + 24,
        operations=operations,
        overall=figures("all", 488, p95=p95),
        steady=operations,
        schedule=ExamSchedule(begins=began, last_part_begins=began + 18, deadline=began + 24),
        parts=(
            _part("arrivals", began, 8, 120),
            _part("answering", began + 8, 10, 300),
            _part("deadline", began + 18, 6, 68),
        ),
        planned={"create": 40, "answer": 360, "submit": 40},
        arrivals=Arrivals(planned=40, actual=40, late_p95_ms=2.4, late_max_ms=6.0),
        windows=tuple(
            Window(
                started=began + 2 * number,
                ended=began + 2 * number + 2,
                ramp=number < 2,
                figures=figures("all", 40, p95=p95 * (1 + (number % 3) / 10)),
                planned=36,
                begun=36 if number else 44,
            )
            for number in range(12)
        ),
        writes=WriteCounts(attempted=440, acknowledged=440 - unknown, refused=0, unknown=unknown),
        simultaneous_submits=8,
        generator=builders.generator(
            planned_actors=40,
            started_actors=40,
            finished_actors=40,
            planned_actions=440,
            delivered_actions=440,
        ),
        pool=pool(peak_usage),
        fates=fates("load", 40),
        harmed=hurt,
    )


def pool(peak_usage: float | None) -> DatabasePoolFigures:
    """The database pool; None is a platform that tells nothing of it."""
    if peak_usage is None:
        return DatabasePoolFigures(samples=0, peak_connections=16, source="the platform reported no pool metrics")
    return builders.pool(peak_usage=peak_usage, sustained_usage=peak_usage, exhausted=peak_usage >= 1)


def _part(name: str, began: float, seconds: float, requests: int) -> LoadPart:
    overall, answers = figures("all", requests, 0), (figures("answer", requests, 0),)
    return builders.part(name, overall, started=began, ended=began + seconds, operations=answers)


def _stage(name: str, began: float, seconds: float, requests: int, errors: int = 0) -> DrillStage:
    overall, answers = figures("all", requests, errors), (figures("answer", requests, errors),)
    return builders.stage(name, overall, started=began, ended=began + seconds, operations=answers)


def drill(activity: str, *, took: float | None = 0.7, found: Reconciliation | None = None) -> DrillEvidence:
    """Three seconds before, five with the fault in, five after."""
    began = _STARTS.get(activity, _STARTS["drill_worker_loss"])
    failed = 60 if activity == "drill_backend_restart" else 0
    return builders.drill(
        activity,
        scenario=_SCENARIOS.get(activity, activity.removeprefix("drill_").replace("_", " ")),
        injected=began + 3,
        removal_began=began + 8,
        restart_seconds=0.4,
        before=_stage("before", began, 3, 60),
        during=_stage("during", began + 3, 5.4, 60, failed),
        after=_stage("after", began + 9, 5, 100),
        warnings_logged=9 if activity == "drill_redis_outage" else None,
        recoveries=builders.recoveries(
            *(builders.recovery(name, took) for name in ("health", "ready", "create", "answer", "submit", "worker-1"))
        ),
        writes=WriteCounts(attempted=200, acknowledged=200, refused=0, unknown=0),
        reconciliation=found or reconciliation(acknowledged=200),
        fates=fates(activity if activity in _STARTS else "drill_worker_loss", 10),
    )


def integrity(*differences: Difference) -> IntegrityEvidence:
    """The SQL checks, all clean, and the ledger with these differences."""
    return builders.integrity().model_copy(update={"reconciliation": reconciliation(*differences)})


def told_by_the_api(**found: object) -> IntegrityEvidence:
    """What an environment without database leaves; `found` are fields of its reconciliation."""
    api = {"source": "api", "unjudged": ("sessions that changed their owner", EVENT_HISTORY), **found}
    return integrity().model_copy(
        update={
            "checks": (),
            "summary": None,
            "checks_unmeasured": "the SQL checks need env.staging.database_url, which is not set",
            "reconciliation": reconciliation().model_copy(update=api),
        }
    )


def freeze() -> FreezeEvidence:
    """Exam mode on everywhere."""
    return builders.freeze(exam_mode_readings=(True,) * 8, protected=builders.probes("BKT recompute", "rank runs"))


def experience() -> ExperienceEvidence:
    """Refresh, logout and reload as they should be, and every rule kept."""
    return builders.experience()


def observability() -> ObservabilityEvidence:
    """Logs that hold everything."""
    return builders.observability(pool=pool(0.3), slow_queries=2, very_slow_queries=1, redis_reconnects=1)


def preflight() -> PreflightEvidence:
    """A platform that answers."""
    return builders.preflight(api_url="https://exam.example")


def everything(**instead: Record | str | None) -> Everything:
    """All evidence of a good rehearsal.

    An activity given as text was not measured for that reason; as None it was not part of the run.
    """
    records: dict[str, Record | str | None] = {
        "preflight": preflight(),
        "exam_mode": builders.switch(),
        "freeze": freeze(),
        "load": load(),
        "drill_redis_outage": drill("drill_redis_outage"),
        "drill_worker_loss": drill("drill_worker_loss"),
        "drill_postgres_crash": drill("drill_postgres_crash"),
        "integrity": integrity(),
        "experience": experience(),
        "observability": observability(),
        "drill_backend_restart": drill("drill_backend_restart"),
        "integrity_after": integrity(),
        **instead,
    }
    return {name: evidence_of(name, record) for name, record in records.items() if record is not None}


def every_activity() -> Everything:
    """All evidence of a good rehearsal with every drill that a profile may add."""
    return everything(**{one.activity: drill(one.activity) for one in EXAM.drills if not one.always})


def evidence_of(name: str, record: Record | str) -> Evidence[Record]:
    """What an activity leaves at its time of the rehearsal; a text is the reason why it measured nothing."""
    if isinstance(record, str):
        return unmeasured(name, record, BEGAN)
    started, seconds = _SPANS.get(name, _SPANS["drill"])
    began = BEGAN + timedelta(seconds=started)
    ended = began + timedelta(seconds=seconds)
    return Evidence[Record](activity=name, started=began, ended=ended, record=record, unmeasured=None)


def view(
    evidence: Everything,
    limits: Thresholds | None = None,
    *,
    directory: Path = Path("/run"),
    checks: tuple[OutcomeOfTest, ...] = (),
    gates: tuple[GateResult, ...] = (),
) -> View:
    """What the report of a run is written from: what the real judges make of the evidence, the user's own `gates`
    beside those of the suite."""
    limits = limits or Thresholds()
    chosen = (*builders.FURTHER_DRILLS, EXAM_MODE)
    activities = [one.name for one in EXAM.activities if one.name in evidence or one.name not in chosen]
    drills = tuple(drill.activity for drill in EXAM.drills if drill.activity in activities)
    measured = Measured(_look_up(evidence), limits, drills)
    results = [line.result(measured) for line in EXAM.lines_in(activities)]
    judged = (*(EXAM.gate_result(gate, results, measured) for gate in EXAM.gates), *gates)
    lines = tuple(LineRecord.of(EXAM.name, result) for result in results)
    verdict = Verdict(
        verdict=decide(judged),
        environment="staging",
        profile="smoke",
        api_url="https://exam.example",
        conducted_by="exam office",
        started=BEGAN,
        ended=BEGAN,
        directory=str(directory),
        judged_from=str(directory),
        gates=judged,
        candidates=_candidates(evidence),
        tests=checks,
        lines=lines,
        suites=(EXAM.name,),
        limits=limits,
        weaker_limits=limits.weaker,
    )
    return View(EXAM, verdict, evidence, limits, directory, lines)


def verdict(evidence: Everything) -> Verdict:
    """What the real judges make of the evidence."""
    made = view(evidence).verdict
    assert made is not None
    return made


def view_with(view: View, **fields: Any) -> View:
    """The same view with these fields of its verdict changed."""
    assert view.verdict is not None
    return replace(view, verdict=view.verdict.model_copy(update=fields))


def _candidates(evidence: Everything) -> Candidates:
    records = [item.record for item in evidence.values()]
    waited = [record.harmed for record in records if isinstance(record, LoadEvidence | DrillEvidence)]
    found = [record.reconciliation.differences for record in records if isinstance(record, IntegrityEvidence)]
    stories = harmed((*waited, *(harmed_by_differences(differences, "integrity_after") for differences in found)))
    total = sum(len(record.fates) for record in records if isinstance(record, LoadEvidence | DrillEvidence))
    return Candidates(total=total, harmed=len({story.actor for story in stories}), stories=stories)


def _look_up(evidence: Everything) -> Callable[[str], Evidence[Record]]:
    return lambda name: evidence.get(name) or unmeasured(name, "never measured in this run")


def write_run(
    directory: Path,
    evidence: Everything | None = None,
    *,
    environment: str = "local",
    profile: str = "smoke",
    run_id: str = "20260115T083000Z-0a1b2c3d",
) -> Path:
    """A run directory as a rehearsal leaves it, as far as a report reads it; a good one by default."""
    for folder in ("evidence", "ledger", "logs"):
        (directory / folder).mkdir(parents=True)
    identity = RunIdentity(environment=environment, profile=profile, run=run_id, version="0.1.0", began=BEGAN)
    (directory / "run.json").write_text(identity.to_json())
    store = EvidenceStore(directory, Redactor())
    for name, item in (everything() if evidence is None else evidence).items():
        assert name in {activity.name for activity in EXAM.activities}
        store.write(item)
        if isinstance(item.record, DrillEvidence):
            _write_samples(directory / item.record.samples[0], item.record)
    (directory / "faults.jsonl").write_text("{}\n")
    (directory / "expected.json").write_text(Expected(suites={}).to_json())
    seal(directory)
    return directory


def write_go(directory: Path, **fields: Any) -> Path:
    """A run directory with a verdict by the real judges, GO if `fields` of it say nothing else."""
    run = write_run(directory)
    identity = identity_of(run)
    made = verdict(everything()).model_copy(
        update={
            "run": identity.run,
            "environment": identity.environment,
            "profile": identity.profile,
            "directory": str(run),
            "judged_from": str(run),
            "judged_sha256": checksums_of(run, ("run.json", *evidence_files(run))),
            **fields,
        }
    )
    (run / "verdict.json").write_text(made.to_json(indent=1))
    return seal(run)


def seal(directory: Path) -> Path:
    """Write the manifest again, as who alters a run and can count would do."""
    write_manifest(EvidenceStore(directory, Redactor()))
    return directory


def _write_samples(path: Path, record: DrillEvidence) -> None:
    lines = []
    for stage in (record.before, record.during, record.after):
        count = stage.overall.requests
        for number in range(count):
            at = stage.started + (stage.ended - stage.started) * number / count
            outcome = "transport" if number < stage.overall.errors else "ok"
            lines.append(json.dumps(["answer", "someone", at, 20.0, 200, outcome, f"ed-{number}"]))
    path.write_text("\n".join(lines) + "\n")
