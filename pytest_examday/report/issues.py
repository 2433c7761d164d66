"""The issues of each phase: its lines, gates and user's tests that did not pass."""

from collections.abc import Iterable

from pytest_examday.core.verdict import LineRecord, OutcomeOfTest
from pytest_examday.report.figure_words import SYMBOLS, printable_line
from pytest_examday.report.verdict_words import gate_row
from pytest_examday.report.view import View, not_measured


def phase_issues(view: View, phase: int) -> tuple[str, ...]:
    """The issues of one phase, one text each; if there are none, how many lines passed."""
    lines = view.of_phase(phase)
    found = [*_not_passed(lines), *_users_tests(view, phase), *_gates(view, phase)]
    return tuple(found) or (_nothing_found(lines),)


def issues_besides_lines(view: View, phase: int) -> tuple[str, ...]:
    """The issues of a phase without those of its lines: the user's own tests that did not pass, and gates."""
    return (*_users_tests(view, phase), *_gates(view, phase)) or ("none",)


def drill_issues(view: View, activity: str) -> tuple[str, ...]:
    """The issues of one drill."""
    return line_issues(view.needing(activity))


def line_issues(lines: Iterable[LineRecord]) -> tuple[str, ...]:
    """The lines that did not pass; if there are none, how many passed."""
    lines = tuple(lines)
    return tuple(_not_passed(lines)) or (_nothing_found(lines),)


def _not_passed(lines: Iterable[LineRecord]) -> list[str]:
    """One issue for each reason; lines with the same reason share one."""
    statements: dict[str, list[str]] = {}
    for line in lines:
        if line.outcome != "pass":
            note = "" if line.gates else ", for information"
            statements.setdefault(f"({SYMBOLS[line.outcome]}{note}): {printable_line(line.reason)}", []).append(
                line.words
            )
    return [f"{'; '.join(words)} {reason}" for reason, words in statements.items()]


def _users_tests(view: View, phase: int) -> list[str]:
    """Tests of the user's own that belong to the phase."""
    checks: tuple[OutcomeOfTest, ...] = view.verdict.tests if view.verdict else ()
    return [
        f"{check.title}: {printable_line(check.message) or check.outcome}"
        for check in checks
        if check.line is None and check.phase == phase and check.outcome != "passed"
    ]


def _gates(view: View, phase: int) -> list[str]:
    gates = view.verdict.gates if view.verdict else ()
    phases = {name: gate.phase for name, gate in view.suite.gate_by_name.items()}
    rows = [gate_row(gate) for gate in gates if phases.get(gate.name) == phase]
    return [f"gate {row.name} ({row.state}): {row.reason}" for row in rows if not row.passed]


def _nothing_found(lines: tuple[LineRecord, ...]) -> str:
    if lines:
        return f"none ({len(lines)} lines passed)"
    return not_measured("the lines of this phase were not part of this run")
