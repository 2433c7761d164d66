"""`report.md`: the report template (source document 003), filled field by field."""

from pytest_examday.core.line import words_with_limits
from pytest_examday.core.verdict import Verdict
from pytest_examday.report import verdict_words
from pytest_examday.report.figure_words import SYMBOLS, seconds
from pytest_examday.report.how_to_read import how_to_read
from pytest_examday.report.lines_table import lines_table
from pytest_examday.report.not_rehearsed import gaps, gaps_in_full
from pytest_examday.report.templating import markdown_code, markdown_templates
from pytest_examday.report.view import View, not_measured
from pytest_examday.suites.staging.evidence import StagingPreflight
from pytest_examday.suites.staging.not_yet_rehearsed import NOT_YET_REHEARSED
from pytest_examday.suites.staging.phases import PHASES
from pytest_examday.suites.staging.report.appendices import appendices
from pytest_examday.suites.staging.report.critical_issues import issues
from pytest_examday.suites.staging.report.sections import sections

_NO_VERDICT = "no verdict was made in this run"
_WORDS = ("GO, NO-GO", "gate", "line", "INCONCLUSIVE", "for information", "not rehearsed")
"""The words of `how_to_read` that this report uses."""


def markdown(view: View) -> str:
    """The whole report of a staging rehearsal."""
    verdict = view.verdict
    found = issues(view)
    template = markdown_templates("pytest_examday.suites.staging.report").get_template("report.md.jinja")
    return template.render(
        code=markdown_code,
        head=_head(view),
        notices=verdict_words.notices(verdict),
        summary=verdict_words.assessment_by_gates(verdict, [view.suite]),
        rehearsed=", ".join(title for number, title in PHASES.items() if number not in _unbuilt()) or "none",
        unbuilt=[section.reason for section in NOT_YET_REHEARSED],
        reached=_reached(view),
        sections=sections(view),
        issues=found,
        blockers=[issue.action for issue in found if issue.blocks],
        improvements=[issue.action for issue in found if not issue.blocks],
        gates=_gates(view),
        own_gates=[verdict_words.gate_row(gate) for gate in (verdict.gates if verdict else ()) if gate.suite is None],
        status=_status(verdict),
        gaps=gaps_in_full(gaps([view])),
        lines=lines_table(view),
        meanings={word: text for word, text in how_to_read(view.suite.actor).items() if word in _WORDS},
        directory=view.measured_in,
        appendices=appendices(view.measured_in),
    )


def _unbuilt() -> frozenset[int]:
    return frozenset(section.phase for section in NOT_YET_REHEARSED)


def _head(view: View) -> dict[str, str]:
    """The fields at the top of the template."""
    verdict, measured = view.verdict, verdict_words.first_measured_at(view.evidence)
    none = not_measured(_NO_VERDICT)
    if verdict is None:
        environments = sorted({item.environment for item in view.evidence.values() if item.environment})
        return {
            "date": measured or none,
            "duration": _duration(view),
            "environment": ", ".join(environments) or none,
            "executed_by": none,
        }
    return {
        "date": verdict_words.date_of_rehearsal(verdict, measured),
        "duration": _duration(view),
        "environment": f"{verdict.environment} ({verdict.api_url})",
        "executed_by": verdict.conducted_by,
    }


def _duration(view: View) -> str:
    """From the begin of the first activity to the end of the last that measured something."""
    spans = [
        view.evidence[activity.name]
        for activity in view.suite.activities
        if activity.name in view.evidence and view.evidence[activity.name].record is not None
    ]
    if not spans:
        return not_measured("no activity has measured anything")
    return seconds((max(one.ended for one in spans) - min(one.started for one in spans)).total_seconds()) or "0 s"


def _reached(view: View) -> str:
    """What the preflight reached."""
    item = view.evidence.get("staging_preflight")
    if item is None:
        return not_measured("not part of this run")
    if not isinstance(item.record, StagingPreflight):
        return not_measured(item.unmeasured or "its evidence is of another kind")
    found = item.record
    return f"service {found.service}, database {found.database}, cache {found.cache}"


def _gates(view: View) -> list[verdict_words.GateRow]:
    """The Go criteria in the order of the suite; one that was not judged in this run is INCONCLUSIVE."""
    judged = {gate.name: gate for gate in (view.verdict.gates if view.verdict else ())}
    rows = []
    for name, gate in view.suite.gate_by_name.items():
        if name in judged:
            rows.append(verdict_words.gate_row(judged[name]))
        else:
            title = words_with_limits(gate.words, view.limits)
            why = not_measured("not part of this run")
            rows.append(verdict_words.GateRow(name, title, "inconclusive", SYMBOLS["inconclusive"], why, gate.hard))
    return rows


def _status(verdict: Verdict | None) -> dict[str, str | bool]:
    """The boxes of the recommendation; both are empty if there is no verdict."""
    word = None if verdict is None else verdict.verdict
    return {
        "go": word == "GO",
        "no_go": word == "NO-GO",
        "note": _NO_VERDICT if verdict is None else verdict_words.weakened(verdict).removeprefix(", "),
    }
