"""The GO/NO-GO board at the end of the terminal output."""

from collections.abc import Sequence
from pathlib import Path

import pytest

from pytest_examday.core.suite import Suite
from pytest_examday.core.verdict import Verdict
from pytest_examday.report import verdict_words
from pytest_examday.report.figure_words import SYMBOLS, printable_line

_MARKUP = {"pass": {"green": True}, "fail": {"red": True, "bold": True}, "inconclusive": {"yellow": True, "bold": True}}


def write_board(
    terminal: pytest.TerminalReporter,
    verdict: Verdict | None,
    directory: Path,
    suites: Sequence[Suite],
    unrehearsed: str,
) -> None:
    """Write notices, one line for each gate, who was harmed, what was not rehearsed, the verdict, and the paths of the
    report and the run directory.

    `suites` have the words for users and harm, `unrehearsed` says what the run left out.
    """
    terminal.write_sep("=", "exam-day rehearsal", bold=True)
    if verdict is None:
        terminal.write_line("no verdict: the gates were not part of this run")
    else:
        for notice in verdict_words.notices(verdict):
            terminal.write_line(f"  {printable_line(notice)}", yellow=True)
        _write_gates(terminal, verdict)
        _write_harm(terminal, verdict, suites)
        terminal.write_line("")
        if unrehearsed:
            terminal.write_line(f"  not rehearsed: {printable_line(unrehearsed)}")
            terminal.write_line('  (all of it, with the reasons: "Not Rehearsed" in report.md)')
            terminal.write_line("")
        colour = "green" if verdict.verdict == "GO" else "red"
        terminal.write_line(f"  VERDICT: {verdict_words.qualified(verdict)}", bold=True, **{colour: True})
        for obstacle in verdict.obstacles:
            terminal.write_line(f"  because {printable_line(obstacle)}", red=True)
        terminal.write_line("")
    shown = printable_line(str(directory))
    terminal.write_line(f"  report   {shown}/report.html")
    terminal.write_line(f"  evidence {shown}")


def write_nothing_run(terminal: pytest.TerminalReporter, *, gates_asked_for: bool) -> None:
    """Write that tests were only collected, and why the exit status is not 0 if gates were asked for."""
    terminal.write_sep("=", "exam-day rehearsal", bold=True)
    terminal.write_line("nothing was run, only collected: there is no verdict and no report")
    if gates_asked_for:
        terminal.write_line("gates were asked for and not judged, so the exit status is not 0")


def _write_gates(terminal: pytest.TerminalReporter, verdict: Verdict) -> None:
    names = [printable_line(gate.name) for gate in verdict.gates]
    width = max(map(len, names), default=0)
    state_width = max((len(SYMBOLS[gate.outcome]) for gate in verdict.gates), default=0)
    for gate, name in zip(verdict.gates, names, strict=True):
        terminal.write(f"  {SYMBOLS[gate.outcome]:<{state_width}} ", **_MARKUP[gate.outcome])
        terminal.write_line(f"{name:<{width}}  {printable_line(gate.reason)}")
    for_information = [line for line in verdict.lines if not line.gates and line.outcome != "pass"]
    if for_information:
        terminal.write_line("")
        terminal.write_line("  for information; these lines count for no gate:")
    for line in for_information:
        terminal.write(f"  {SYMBOLS[line.outcome]} ", **_MARKUP[line.outcome])
        terminal.write_line(f"{printable_line(line.words)}: {printable_line(line.reason)}")


def _write_harm(terminal: pytest.TerminalReporter, verdict: Verdict, suites: Sequence[Suite]) -> None:
    """Write how many actors took part and who was harmed; nothing if the evidence names no actor."""
    counted = verdict.candidates
    if counted.total == counted.harmed == 0:
        return
    terminal.write_line("")
    terminal.write_line(
        f"  {printable_line(verdict_words.actor_word(suites))}s: {counted.total}, harmed: {counted.harmed}"
    )
    for harmed in verdict_words.stories(verdict, suites)[:5]:
        terminal.write_line(f"    {printable_line(f'{harmed.actor} {harmed.harm} {harmed.when}: {harmed.text}')}")
