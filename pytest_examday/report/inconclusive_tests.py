"""The INCONCLUSIVE tests of a run at the end of the terminal output: each reason once, with the number of its tests."""

from collections import defaultdict
from collections.abc import Iterable

import pytest

from pytest_examday.core.outcome import INCONCLUSIVE_PREFIX
from pytest_examday.core.verdict import OutcomeOfTest
from pytest_examday.report.figure_words import printable_line

_MOST_REASONS = 12
_MOST_NAMED = 3
"""A reason is written with the node ids of its tests if there are at most so many."""


def write_inconclusive_tests(terminal: pytest.TerminalReporter, tests: Iterable[OutcomeOfTest]) -> None:
    """Write the reasons of the INCONCLUSIVE ones, the most frequent first; nothing if there are none."""
    by_reason: dict[str, list[str]] = defaultdict(list)
    for test in tests:
        if test.message.startswith(INCONCLUSIVE_PREFIX):
            by_reason[test.message.removeprefix(INCONCLUSIVE_PREFIX)].append(test.nodeid)
    if not by_reason:
        return
    terminal.write_sep("=", "INCONCLUSIVE tests by reason", yellow=True)
    most_frequent_first = sorted(by_reason.items(), key=lambda entry: -len(entry[1]))
    for reason, named in most_frequent_first[:_MOST_REASONS]:
        terminal.write_line(f"{len(named):>5}  {printable_line(reason)}")
        for nodeid in named if len(named) <= _MOST_NAMED else ():
            terminal.write_line(f"         {printable_line(nodeid)}")
    if len(by_reason) > _MOST_REASONS:
        terminal.write_line(f"       and {len(by_reason) - _MOST_REASONS} more reasons, in report.md")
