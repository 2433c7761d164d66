"""`report.md`: the report template (source document 000), filled field by field."""

from collections.abc import Sequence
from dataclasses import dataclass

from markupsafe import Markup

from pytest_examday.core.line import words_with_limits
from pytest_examday.core.verdict import Verdict
from pytest_examday.report import verdict_words
from pytest_examday.report.figure_words import SYMBOLS
from pytest_examday.report.how_to_read import how_to_read
from pytest_examday.report.issues import drill_issues, issues_besides_lines, phase_issues
from pytest_examday.report.lines_table import lines_table
from pytest_examday.report.not_rehearsed import gaps, gaps_in_full, gaps_in_short
from pytest_examday.report.templating import markdown_code, markdown_templates
from pytest_examday.report.view import View, not_measured
from pytest_examday.suites.exam.report import sentences, template_fields
from pytest_examday.suites.exam.report.appendices import appendices
from pytest_examday.suites.exam.report.risks import plan, risks
from pytest_examday.suites.exam.report.source import Sources

_NO_RISK = "none observed in what was rehearsed{}"


@dataclass(frozen=True)
class Head:
    """The fields at the top of the template."""

    date: str
    environment: str
    api_url: str
    conducted_by: str


def markdown(view: View) -> str:
    """The whole report of an exam."""
    sources, verdict = Sources(view), view.verdict
    template = markdown_templates("pytest_examday.suites.exam.report").get_template("report.md.jinja")
    found = risks(view, sources)
    unrehearsed = gaps([view])
    rows = verdict_words.gate_rows(verdict)
    unmeasured = sentences.unmeasured_harm(sources)
    assessment = verdict_words.assessment(verdict, [view.suite], unmeasured)
    return template.render(
        code=markdown_code,
        head=_head(view, sources),
        status=lambda: _status(verdict),
        notices=(
            *verdict_words.notices(verdict),
            *verdict_words.small_trial(verdict, view.evidence, [view.suite]),
        ),
        meanings=how_to_read(view.suite.actor),
        assessment=assessment,
        findings=sentences.key_findings(verdict, sources, view.lines),
        stories=verdict_words.stories(verdict, [view.suite]),
        most_stories=verdict_words.STORIES_SHOWN,
        nobody_harmed=_nobody_harmed(view, unmeasured),
        risks=found,
        no_risks=_NO_RISK.format("" if not unrehearsed else "; of what was not rehearsed nothing is known"),
        no_plan="No step is planned, because no weak point was observed.",
        unrehearsed=gaps_in_short(unrehearsed),
        gaps=gaps_in_full(unrehearsed),
        took_part=_took_part(view),
        plan=plan(found),
        directory=view.measured_in,
        gates=rows,
        hard_titles=[words_with_limits(gate.words, view.limits) for gate in view.suite.gates if gate.hard],
        blockers=[row for row in rows if row.outcome in ("fail", "inconclusive")],
        no_blockers="none" if verdict else verdict_words.NO_VERDICT,
        information=[line for line in view.lines if not line.gates and line.outcome != "pass"],
        symbols=SYMBOLS,
        lines=lines_table(view),
        rationale=verdict_words.checks_in_words(verdict).capitalize() + ".",
        appendices=appendices(view.measured_in),
        **_phases(view, sources),
    )


def _phases(view: View, sources: Sources) -> template_fields.Fields:
    return {
        "freeze": template_fields.freeze(view, sources.freeze),
        "load": template_fields.load(view, sources.load),
        "redis": template_fields.redis_failure(view, sources.redis_outage),
        "worker": template_fields.worker_loss(view, sources.worker_loss),
        "delay": template_fields.network_delay(view, sources),
        "further": template_fields.further(view, sources, 3),
        "restarts": template_fields.further(view, sources, 7),
        "integrity": template_fields.integrity(sources),
        "experience": template_fields.experience(view),
        "seen": template_fields.observability(view, sources.observability),
        "recovery": template_fields.recovery(view, sources),
        "issue": {
            **{number: phase_issues(view, number) for number in (1, 2, 4, 5, 6, 7)},
            3: issues_besides_lines(view, 3),
            "A": drill_issues(view, "drill_redis_outage"),
            "B": drill_issues(view, "drill_worker_loss"),
        },
    }


def _head(view: View, sources: Sources) -> Head:
    verdict, evidence = view.verdict, view.evidence
    measured = verdict_words.first_measured_at(evidence)
    if verdict is None:
        none = not_measured("no verdict was made in this run")
        environments = sorted({item.environment for item in evidence.values() if item.environment})
        return Head(
            measured or none,
            ", ".join(environments) or none,
            sources.preflight.figure(lambda record: record.api_url),
            none,
        )
    return Head(
        date=verdict_words.date_of_rehearsal(verdict, measured),
        environment=f"{verdict.environment} (profile {verdict.profile})",
        api_url=verdict.api_url,
        conducted_by=verdict.conducted_by,
    )


def _status(verdict: Verdict | None) -> Markup:
    """The two boxes of the template, and what weakens the verdict; both are empty if there is no verdict."""
    word = verdict.verdict if verdict else None
    go, no_go = ("x" if word == "GO" else " "), ("x" if word == "NO-GO" else " ")
    note = " (no verdict)" if word is None else verdict_words.weakened(verdict)
    return Markup("[{}] GO  [{}] NO-GO{}").format(go, no_go, note)


def _nobody_harmed(view: View, unmeasured: Sequence[str]) -> str:
    if view.verdict is None:
        return verdict_words.NO_VERDICT
    return f"{verdict_words.harm_sentence(view.verdict, view.suite.actor, unmeasured)}."


def _took_part(view: View) -> str:
    """Which activities had how many candidates: the count of all is more than that of the load."""
    who = verdict_words.took_part(view.evidence, [view.suite])
    return f"The candidates: {who}." if who else ""
