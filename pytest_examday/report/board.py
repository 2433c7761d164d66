"""The GO/NO-GO board at the end of the terminal output."""

from pathlib import Path

import pytest

from pytest_examday.core.verdict import Verdict
from pytest_examday.report import summary

_MARKS = {"pass": ("PASS", {"green": True}), "fail": ("FAIL", {"red": True, "bold": True})}
_DOUBT = ("????", {"yellow": True, "bold": True})
_WORDS = {"GO": {"green": True, "bold": True}, "CONDITIONAL GO": {"yellow": True, "bold": True}}


def write_board(terminal: pytest.TerminalReporter, verdict: Verdict | None, directory: Path) -> None:
    """One line a gate, the candidates, the verdict, and where everything is."""
    terminal.write_sep("=", "exam-day rehearsal", bold=True)
    if verdict is None:
        terminal.write_line("no verdict: the gates were not part of this run")
    else:
        _write_gates(terminal, verdict)
        _write_candidates(terminal, verdict)
        terminal.write_line("")
        terminal.write_line(f"  VERDICT: {verdict.verdict}", **_WORDS.get(verdict.verdict, {"red": True, "bold": True}))
        for line in (summary.limits_sentence(verdict), *_left_out(verdict)):
            if line is not None:
                terminal.write_line(f"  {line}", yellow=True)
        if verdict.measured_environment is not None:
            terminal.write_line(f"  evidence measured on {verdict.measured_environment}")
        terminal.write_line("")
    terminal.write_line(f"  report   {directory / 'report.html'}")
    terminal.write_line(f"  evidence {directory}")


def _left_out(verdict: Verdict) -> list[str]:
    return [f"suite {name} was left out: {why}" for name, why in verdict.left_out.items()]


def _write_gates(terminal: pytest.TerminalReporter, verdict: Verdict) -> None:
    width = max((len(gate.name) for gate in verdict.gates), default=0)
    for gate in verdict.gates:
        word, markup = _MARKS.get(gate.outcome, _DOUBT)
        terminal.write(f"  {word} ", **markup)
        terminal.write_line(f"{gate.name:<{width}}  {gate.reason}")


def _write_candidates(terminal: pytest.TerminalReporter, verdict: Verdict) -> None:
    candidates = verdict.candidates
    terminal.write_line("")
    terminal.write_line(f"  candidates: {candidates.total}, harmed: {candidates.harmed}")
    for harm in candidates.stories[:5]:
        terminal.write_line(f"    {harm.candidate} ({harm.harm}, {harm.activity}): {harm.story}")
