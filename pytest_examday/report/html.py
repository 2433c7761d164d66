"""The top of the HTML report: the verdict, the board, the harmed candidates and the pictures."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from markupsafe import Markup

from pytest_examday.config.thresholds import Thresholds
from pytest_examday.core.verdict import Verdict
from pytest_examday.evidence.envelope import Evidence
from pytest_examday.record import Record
from pytest_examday.report import charts
from pytest_examday.report.templating import html_templates
from pytest_examday.suites.exam.drills.catalogue import BY_ACTIVITY
from pytest_examday.suites.exam.report import delivered, facts
from pytest_examday.suites.exam.report.source import Sources
from pytest_examday.suites.exam.report.timeline import slices

_TONES = {"GO": "go", "CONDITIONAL GO": "conditional", "NO-GO": "no-go"}


@dataclass(frozen=True)
class Picture:
    """A drawing under its heading, with the same in words."""

    heading: str
    drawing: Markup
    words: tuple[str, ...]


@dataclass(frozen=True)
class Figure:
    """A big number, what it counts, and whether it is good news; None where it is neither."""

    value: str
    label: str
    good: bool | None = None


def banner(verdict: Verdict | None, evidence: Mapping[str, Evidence[Record]], thresholds: Thresholds) -> str:
    """Verdict, gates, harmed candidates and pictures as one self-contained piece of HTML."""
    sources = Sources(evidence)
    told = facts.stories(verdict)
    return (
        html_templates()
        .get_template("banner.html.jinja")
        .render(
            word=verdict.verdict if verdict else "NO VERDICT",
            tone=_TONES[verdict.verdict] if verdict else "none",
            line=_line(verdict, facts.measured(evidence)),
            assessment=facts.assessment(verdict, sources),
            figures=_figures(verdict, sources),
            gates=facts.gate_rows(verdict),
            stories=told[: facts.STORIES_SHOWN],
            more_stories=len(told) - facts.STORIES_SHOWN,
            pictures=tuple(_pictures(sources, thresholds, Path(verdict.judged_from) if verdict else None)),
            unmeasured=verdict.unmeasured if verdict else {},
        )
    )


def _line(verdict: Verdict | None, measured: str | None) -> str:
    if verdict is None:
        return f"Exam-day rehearsal · measured {measured or 'nothing'}"
    return (
        f"Exam-day rehearsal · environment {facts.environment(verdict)} · profile {verdict.profile} · "
        f"{facts.date(verdict, measured)} · conducted by {verdict.conducted_by}"
    )


def _figures(verdict: Verdict | None, sources: Sources) -> tuple[Figure, ...]:
    if verdict is None:
        return ()
    candidates = verdict.candidates
    sure = candidates.total > 0 and not facts.unjudged_harm(sources)
    harmed = "harmed" if sure else "seen harmed, not fully measured"
    good = False if candidates.harmed else True if sure else None
    passed = sum(gate.outcome == "pass" for gate in verdict.gates)
    return (
        Figure(str(candidates.total), "candidates"),
        Figure(str(candidates.harmed), harmed, good),
        Figure(f"{passed}/{len(verdict.gates)}", "gates passed", passed == len(verdict.gates)),
    )


def _pictures(sources: Sources, thresholds: Thresholds, directory: Path | None) -> Iterator[Picture]:
    load, stored = sources.load.record, sources.stored.record
    if load is not None and (drawing := charts.latency(load, thresholds.p95_ms)) is not None:
        meaning = "95 of 100 requests of a window took no longer than its dot (p95). The ramp is not judged."
        yield Picture("How long requests took while the exam ran", drawing, (meaning,))
    if load is not None and (drawing := charts.delivery(load)) is not None:
        meaning = "Grey: writes that the plan had due in a window. Blue: those that candidates began in it."
        yield Picture("The planned load and the delivered one", drawing, (meaning, delivered.delivery_sentence(load)))
    for source in sources.drills:
        if (record := source.record) is not None:
            stages = (record.before, record.during, record.after)
            words = (*(facts.stage_sentence(stage) for stage in stages), facts.recovery_sentence(record))
            chart = BY_ACTIVITY[record.drill].chart
            if chart is not None:
                yield Picture(f"Drill: {record.scenario}", chart(record, slices(directory, record)), words)
    if stored is not None and (drawing := charts.answers(stored.reconciliation)) is not None:
        yield Picture("What became of every answer", drawing, (facts.ledger_sentence(stored.reconciliation),))
