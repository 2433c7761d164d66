"""`report.md`: the report template (seed 000), filled field by field."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from markupsafe import Markup

from pytest_examday.config.thresholds import Thresholds
from pytest_examday.core.verdict import Verdict
from pytest_examday.evidence.envelope import Evidence
from pytest_examday.record import Record
from pytest_examday.report.templating import markdown_code, markdown_templates
from pytest_examday.suites.exam.gates.registry import GATES, HARD_GATES
from pytest_examday.suites.exam.report import facts, phases
from pytest_examday.suites.exam.report.appendices import appendices
from pytest_examday.suites.exam.report.issues import drill_issues, phase_issues
from pytest_examday.suites.exam.report.risks import plan, risks
from pytest_examday.suites.exam.report.source import Sources, not_measured


@dataclass(frozen=True)
class Head:
    """The fields at the top of the template."""

    date: str
    environment: str
    api_url: str
    conducted_by: str


def markdown(
    verdict: Verdict | None,
    evidence: Mapping[str, Evidence[Record]],
    thresholds: Thresholds,
    measured_in: Path,
) -> str:
    """The whole report; `measured_in` is the run directory that the evidence was measured in."""
    sources = Sources(evidence)
    template = markdown_templates().get_template("report.md.jinja")
    found = risks(verdict, sources, thresholds)
    rows = facts.gate_rows(verdict)
    return template.render(
        code=markdown_code,
        head=_head(verdict, sources, facts.measured(evidence)),
        status=lambda: _status(verdict),
        assessment=facts.assessment(verdict, sources),
        findings=facts.key_findings(verdict, sources),
        stories=facts.stories(verdict),
        most_stories=facts.STORIES_SHOWN,
        nobody_harmed=_nobody_harmed(verdict, sources),
        risks=found,
        plan=plan(found),
        directory=measured_in,
        gates=rows,
        hard_titles=[gate.title for gate in GATES if gate.name in HARD_GATES],
        blockers=[row for row in rows if row.outcome in ("fail", "inconclusive")],
        no_blockers="none" if verdict else facts.NO_VERDICT,
        rationale=facts.checks_in_words(verdict).capitalize() + ".",
        conditions=_conditions(rows, verdict),
        appendices=appendices(measured_in),
        **_phases(verdict, sources),
    )


def _phases(verdict: Verdict | None, sources: Sources) -> phases.Fields:
    return {
        "freeze": phases.freeze(sources.freeze),
        "load": phases.load(sources.load, sources.redis_outage),
        "redis": phases.redis_failure(sources.redis_outage),
        "worker": phases.worker_restart(sources.worker_loss),
        "delay": phases.network_delay(sources),
        "further": phases.further(sources),
        "integrity": phases.integrity(sources),
        "experience": phases.experience(sources.experience),
        "seen": phases.observability(sources.observability),
        "recovery": phases.recovery(sources),
        "issue": {
            **{number: phase_issues(verdict, number) for number in (1, 2, 4, 5, 6, 7)},
            "A": drill_issues(verdict, "A", sources.redis_outage),
            "B": drill_issues(verdict, "B", sources.worker_loss),
        },
    }


def _head(verdict: Verdict | None, sources: Sources, measured: str | None) -> Head:
    if verdict is None:
        none = not_measured("no verdict was made in this run")
        return Head(measured or none, none, sources.preflight.tell(lambda record: record.api_url), none)
    return Head(
        date=facts.date(verdict, measured),
        environment=f"{facts.environment(verdict)} (profile {verdict.profile})",
        api_url=verdict.api_url,
        conducted_by=verdict.conducted_by,
    )


def _status(verdict: Verdict | None) -> Markup:
    """The two boxes of the template; a conditional GO is a GO with its conditions named."""
    word = verdict.verdict if verdict else None
    go, no_go = ("x" if word in ("GO", "CONDITIONAL GO") else " "), ("x" if word == "NO-GO" else " ")
    note = {"CONDITIONAL GO": " (CONDITIONAL GO)", None: " (no verdict)"}.get(word, "")
    return Markup("[{}] GO  [{}] NO-GO{}").format(go, no_go, note)


def _nobody_harmed(verdict: Verdict | None, sources: Sources) -> str:
    return facts.NO_VERDICT if verdict is None else f"{facts.harm_sentence(verdict, sources)}."


def _conditions(rows: tuple[facts.GateRow, ...], verdict: Verdict | None) -> str:
    waived = [f"{row.title}: {row.reason}" for row in rows if row.outcome == "waived"]
    if waived and verdict is not None and verdict.verdict == "CONDITIONAL GO":
        return "; ".join(waived)
    return "none"
